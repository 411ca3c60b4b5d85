import { mysqlError } from '@tributary/capture';
import { SyncError, errorText, pause } from '@tributary/kernel';
import type { LoadDeps } from './load-deps';
import type { RunningJob } from './snapshot-jobs';
import { TableSnapshot } from './table-snapshot';

const POLL_MS = 500;
/** How often loads of such tables are told that they wait. */
const SAY_MS = 10_000;
/** Loads at once; they share the publishing loop slice by slice, so a small table need not wait for a large one. */
const LOADS_AT_ONCE = 3;

interface Load {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Runs the loads whose turn it is on the leading relay until `signal` aborts. */
export class SnapshotRunner<T> {
  readonly #loads = new Map<string, Load>();
  /** What is no fault of a job (a server went away) ends the run. */
  #failure: { readonly error: unknown } | undefined;
  #wake = () => {};
  /** The tables whose loads are told to wait, and when they were told; at first those of an earlier leader may be. */
  #said = { tables: '?', at: -Infinity };

  constructor(private readonly deps: LoadDeps<T>) {}

  async run(signal: AbortSignal): Promise<void> {
    const { jobs, floor, lag } = this.deps;
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake, { once: true });
    try {
      await jobs.requeueRunning();
      while (!signal.aborted) {
        const waiting = this.deps.waiting();
        await this.#sayWaiting(waiting);
        const due = await jobs.due(LOADS_AT_ONCE, [...waiting.keys()]);
        this.#stopAllBut(due);
        // The floor costs a log entry a cycle, and the lag requests to Kafka: they run while a load needs them.
        if (due.length > 0) {
          await floor.start();
          lag.start();
        } else if (this.#loads.size === 0) {
          await floor.stop();
          lag.stop();
        }
        for (const job of due) if (this.#hasRoomFor(job)) this.#begin(job, signal);
        await this.#pause(signal);
        if (this.#failure && !signal.aborted) throw this.#failure.error;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#stopAllBut([]);
      await Promise.all([...this.#loads.values()].map(({ ended }) => ended));
      await floor.stop();
      lag.stop();
    }
  }

  /** At once when the tables are others, and by time for loads that were asked for meanwhile. */
  async #sayWaiting(waiting: ReadonlyMap<string, string>): Promise<void> {
    const tables = [...waiting].join();
    const isDue = tables !== '' && performance.now() - this.#said.at >= SAY_MS;
    if (tables === this.#said.tables && !isDue) return;
    await this.deps.jobs.sayWaiting(waiting);
    this.#said = { tables, at: performance.now() };
  }

  /** Paused, cancelled or outranked loads, and those of tables whose loads wait, end with their chunks under way. */
  #stopAllBut(due: readonly RunningJob[]): void {
    const ids = new Set(due.map(({ id }) => id));
    for (const [id, { stop }] of this.#loads) if (!ids.has(id)) stop.abort();
  }

  #hasRoomFor(job: RunningJob): boolean {
    return !this.#loads.has(job.id) && this.#loads.size < LOADS_AT_ONCE;
  }

  #begin(job: RunningJob, term: AbortSignal): void {
    const stop = new AbortController();
    const ended = this.#load(job, stop.signal, term)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#loads.delete(job.id);
        this.#wake();
      });
    this.#loads.set(job.id, { stop, ended });
  }

  async #load(job: RunningJob, stop: AbortSignal, term: AbortSignal): Promise<void> {
    const { jobs, log } = this.deps;
    // Before the look at the table: a reload that comes later must not be content with what this look finds.
    if (!(await jobs.claim(job))) return;
    const plan = this.deps.plan(job.table);
    if (!plan)
      return jobs.fail(
        job,
        `The table ${job.table} is not there, or not in the sync file of the running relay`,
      );
    try {
      await new TableSnapshot(this.deps, job, plan).run(stop);
      if (!term.aborted) await jobs.requeue(job);
    } catch (error) {
      if (term.aborted) return;
      if (!isFaultOfJob(error)) throw error;
      await jobs.fail(job, errorText(error));
      log.warn({ job: job.id, table: job.table, error }, 'snapshot failed');
    }
  }

  /** Until a load ends, the term ends, or it is time to look for jobs again. */
  async #pause(term: AbortSignal): Promise<void> {
    const nap = new AbortController();
    this.#wake = () => nap.abort();
    if (this.#failure || term.aborted) return;
    await pause(POLL_MS, nap.signal);
  }
}

/** What will not pass by itself: the server's answer to a job's statements (bad WHERE, missing table), a bad key. */
function isFaultOfJob(error: unknown): boolean {
  if (error instanceof SyncError) return error.code === 'SNAPSHOT';
  // A cell that its column cannot have.
  if (error instanceof RangeError) return true;
  const { errno, sqlState } = error as { errno?: number; sqlState?: string };
  return errno !== undefined && sqlState !== undefined && mysqlError(error).kind === 'fatal';
}
