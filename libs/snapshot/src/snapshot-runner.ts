import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, TablePlan } from '@tributary/capture';
import type { ChunkOutlet } from './chunk-outlet';
import { ChunkReader, type SnapshotRow } from './chunk-reader';
import { ChunkSize } from './chunk-size';
import type { ChunkWindow, ChunkWindows } from './chunk-window';
import type { KeyBound } from './key-range';
import type { RunningJob, SnapshotJobs } from './snapshot-jobs';

export interface SnapshotLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SnapshotDeps<T> {
  readonly jobs: SnapshotJobs;
  readonly plan: (table: string) => TablePlan | undefined;
  /** A connection at UTC and `sql_mode=''`, of its own for each call; the runner ends it. */
  readonly connect: () => Promise<Connection>;
  readonly windows: ChunkWindows;
  readonly outlet: ChunkOutlet<T>;
  /** Every id up to this is committed or rolled back (design section 3). */
  readonly floor: {
    start(): Promise<void>;
    stop(): Promise<void>;
    floor(): bigint;
    waitFor(id: bigint): Promise<void>;
  };
  /** Inserts a marker entry into the log and gives its id. */
  readonly insertMarker: () => Promise<bigint>;
  /** Prepares a table's topic side; the result makes the record of a row: version (epoch, floor), op r. */
  readonly recorder: (plan: TablePlan) => Promise<(row: SnapshotRow, floor: bigint) => T>;
  readonly log: SnapshotLog;
}

const IDLE_POLL_MS = 500;
/** Chunks of one job under way at once: one is read while the other is published. */
const CHUNKS_IN_FLIGHT = 2;

interface ChunkResult {
  readonly upper: KeyBound;
  readonly rows: number;
}

/** Runs the queued snapshot jobs, one after the other, on the leading relay until `signal` aborts. */
export class SnapshotRunner<T> {
  constructor(private readonly deps: SnapshotDeps<T>) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const job = await this.deps.jobs.next();
      if (job) await this.#runJob(job, signal);
      else await sleep(IDLE_POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #runJob(job: RunningJob, signal: AbortSignal): Promise<void> {
    const { jobs, log } = this.deps;
    const plan = this.deps.plan(job.table);
    if (!plan) {
      await jobs.fail(job, `The table ${job.table} is not in the sync file of the running relay`);
      return;
    }
    try {
      // The floor costs a log entry a cycle, so it only rolls while a load needs it.
      await this.deps.floor.start();
      const marker = job.marker ?? (await this.deps.insertMarker());
      await jobs.begin(job, marker);
      // From here every floor is above the marker: this load outranks every older one, even on an idle source.
      await orAborted(this.deps.floor.waitFor(marker), signal);
      log.info({ job: job.id, table: job.table, from: job.lastKey }, 'snapshot runs');
      const finished = await this.#chunks(job, plan, signal);
      if (finished) {
        await jobs.finish(job);
        log.info({ job: job.id, table: job.table, rows: job.rowsDone }, 'snapshot is done');
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isStatementFault(error)) throw error;
      await jobs.fail(job, (error as Error).message);
      log.warn({ job: job.id, table: job.table, error }, 'snapshot failed');
    } finally {
      await this.deps.floor.stop();
    }
  }

  /** True when the table's end was reached; false when the job was paused, cancelled or the relay stops. */
  async #chunks(job: RunningJob, plan: TablePlan, signal: AbortSignal): Promise<boolean> {
    const size = new ChunkSize();
    const connections: Connection[] = [];
    const inFlight: Promise<ChunkResult>[] = [];
    const record = await this.deps.recorder(plan);
    const settleOldest = async () => this.deps.jobs.chunkDone(job, await inFlight.shift()!);
    try {
      for (let at = 0; at <= CHUNKS_IN_FLIGHT; at += 1) connections.push(await this.deps.connect());
      const [planner, ...readers] = connections.map(
        (connection) => new ChunkReader(connection, plan, job.where),
      );
      let lower = job.lastKey;
      for (let turn = 0; ; turn += 1) {
        if (signal.aborted || (await this.deps.jobs.stateOf(job)) !== 'running') break;
        const upper = await planner!.upperBound(lower, size.rows);
        if (inFlight.length === CHUNKS_IN_FLIGHT) await settleOldest();
        inFlight.push(this.#chunk(readers[turn % CHUNKS_IN_FLIGHT]!, record, lower, upper, size));
        if (upper === null) {
          while (inFlight.length > 0) await settleOldest();
          return true;
        }
        lower = upper;
      }
      while (inFlight.length > 0) await settleOldest();
      return false;
    } finally {
      // A chunk that failed must not leave its neighbour unobserved or its connection behind.
      await Promise.allSettled(inFlight);
      for (const connection of connections) connection.destroy();
    }
  }

  async #chunk(
    reader: ChunkReader,
    record: (row: SnapshotRow, floor: bigint) => T,
    lower: KeyBound,
    upper: KeyBound,
    size: ChunkSize,
  ): Promise<ChunkResult> {
    const { windows, outlet, floor } = this.deps;
    // The floor is taken before the read (R5): what the chunk does not show has a higher id.
    const window: ChunkWindow = windows.open(reader.schema.table, floor.floor());
    const started = performance.now();
    let rows = 0;
    try {
      const rowOf = (row: SnapshotRow) => ({ key: row.key, record: record(row, window.floor) });
      for await (const slice of reader.slices(lower, upper, rowOf)) {
        if (window.viewAt === Infinity) window.viewAt = performance.now();
        rows += slice.length;
        if (slice.length === 0) continue;
        await outlet.submit({ window, rows: slice });
      }
    } finally {
      windows.close(window);
    }
    size.took(rows, performance.now() - started);
    return { upper, rows };
  }
}

/** The floor can stand for as long as somebody's transaction is open; a relay that stops does not wait for it. */
function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Faults of the job itself (bad WHERE, missing table), told apart from servers that went away. */
function isStatementFault(error: unknown): boolean {
  const { errno, sqlState, fatal: lost } = error as { errno?: number; sqlState?: string; fatal?: boolean };
  return (
    errno !== undefined &&
    sqlState !== undefined &&
    !lost &&
    (sqlState.startsWith('42') || sqlState === '22007')
  );
}
