import { setTimeout as sleep } from 'node:timers/promises';
import type { SnapshotProgress } from '@tributary/snapshot';
import { Progress } from '../output/progress';

const WATCH_MS = 1_000;

const underWay = ({ state }: SnapshotProgress) => state === 'queued' || state === 'running';

/** Until no load is under way; `show` instead of bars or lines. */
export async function watchLoads(
  list: () => Promise<SnapshotProgress[]>,
  note: (text: string) => void,
  show?: (open: readonly SnapshotProgress[]) => void,
): Promise<void> {
  const bars = new LoadBars(note);
  try {
    for (;;) {
      const jobs = await list();
      const open = jobs.filter(underWay);
      if (open.length > 0 && show) show(open);
      else if (!show) bars.show(jobs, open);
      if (open.length === 0) return;
      await sleep(WATCH_MS);
    }
  } finally {
    bars.stop();
  }
}

/** A bar, or now and then a line, for each load that was seen under way. */
class LoadBars {
  readonly #progress = new Progress('rows');
  readonly #seen = new Set<string>();
  readonly #waits = new Set<string>();

  constructor(private readonly note: (text: string) => void) {}

  show(jobs: readonly SnapshotProgress[], open: readonly SnapshotProgress[]): void {
    for (const job of open) this.#seen.add(job.id);
    for (const job of jobs.filter(({ id }) => this.#seen.has(id))) {
      this.#say(job);
      const name = `${job.table} (load ${job.id})`;
      this.#progress.update(name, job.rowsDone, job.rowsTotal);
      if (underWay(job)) continue;
      this.#seen.delete(job.id);
      if (job.state === 'done') this.#progress.finish(name);
    }
  }

  /** What a load waits for, once for each wait. */
  #say({ id, table, waitsFor, waitsSince }: SnapshotProgress): void {
    if (!waitsFor) return void this.#waits.delete(id);
    if (this.#waits.has(id)) return;
    this.#waits.add(id);
    this.note(`load ${id} of ${table} waits since ${waitsSince} for ${waitsFor}`);
  }

  stop(): void {
    this.#progress.stop();
  }
}
