import type { SnapshotJobs } from '@tributary/snapshot';
import type { RelayContext } from './ports';
import type { TableEvents } from './table-events';

/**
 * Changes whose row cannot be told from the log. Before their entries are acknowledged a load of the table is queued,
 * which outlives a crash; it brings the targets what they lack.
 */
export class UnidentifiedChanges {
  /** Tables that were reported and have not been mended since. */
  readonly #known = new Set<string>();
  /** Tables whose capture waits to be mended, after which they are loaded in any case. */
  #needsRepair = new Set<string>();

  constructor(
    private readonly context: Pick<RelayContext, 'log' | 'metrics'>,
    private readonly jobs: Pick<SnapshotJobs, 'reload'>,
    events: Pick<TableEvents, 'on'>,
  ) {
    events.on('needsRepair', (tables) => (this.#needsRepair = new Set(tables)));
    events.on('repaired', (table) => {
      this.#needsRepair.delete(table);
      this.#known.delete(table);
    });
  }

  async note(missed: ReadonlyMap<string, number>): Promise<void> {
    const { log, metrics } = this.context;
    for (const [table, count] of missed) {
      metrics.count(table, 'unkeyed', count);
      if (this.#known.has(table) && this.#needsRepair.has(table)) continue;
      await this.jobs.reload(table);
      if (!this.#known.has(table))
        log.warn(
          { event: 'changes-without-key', table, changes: count },
          `${table} was altered while it was being written, and the rows of some changes cannot be told from the log: the whole table is loaded again`,
        );
      this.#known.add(table);
    }
  }
}
