import { isUnderWay, type SnapshotProgress } from '@tributary/operations';
import { Progress } from '../output/progress';

/** A bar, or now and then a line, for each snapshot that was seen under way. */
export class SnapshotBars {
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
      if (isUnderWay(job)) continue;
      this.#seen.delete(job.id);
      if (job.state === 'done') this.#progress.finish(name);
    }
  }

  /** What a snapshot waits for, once for each wait. */
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
