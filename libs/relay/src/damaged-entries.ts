import type { SnapshotJobs } from '@tributary/snapshot';
import type { DamagedEntry } from './encoded-part';
import type { RelayContext } from './ports';

/** Entries of one batch part that are told one by one. */
const TOLD = 100;

/**
 * Damaged entries of the change log end no term (R15): each is told and counted, and before they are acknowledged a load
 * is queued of every table that they may have been of, which outlives a crash (R1).
 */
export class DamagedEntries {
  constructor(
    private readonly context: Pick<RelayContext, 'log' | 'metrics'>,
    private readonly jobs: Pick<SnapshotJobs, 'reload'>,
    /** All tables that are captured at the moment. */
    private readonly captured: () => readonly string[],
  ) {}

  async note(entries: readonly DamagedEntry[]): Promise<void> {
    const { log, metrics } = this.context;
    const captured = this.captured();
    const named = new Set(entries.map(({ table }) => table));
    // One that is no longer in the sync file has nobody who would load it.
    for (const table of captured) if (named.has(null) || named.has(table)) await this.jobs.reload(table);
    for (const { table } of entries) metrics.count(table ?? UNKNOWN, 'damaged');
    for (const { id, table, damage } of entries.slice(0, TOLD)) {
      const whose = table === null ? 'nobody knows whose' : `of ${table}`;
      const remedy =
        table === null
          ? 'every table is loaded again'
          : captured.includes(table)
            ? 'the table is loaded again'
            : 'the table is not captured any more, and keeps the rows that it has in the targets';
      log.error(
        { event: 'entry-damaged', id: id.toString(), table, damage },
        `entry ${id} of the change log (${whose}) was damaged: ${damage}; ${remedy}. Find out who writes to the capture schema`,
      );
    }
    const more = entries.slice(TOLD);
    if (more.length > 0)
      log.error(
        {
          event: 'entry-damaged',
          id: more[0]!.id.toString(),
          last: more.at(-1)!.id.toString(),
          entries: more.length,
        },
        `${more.length} further entries of the change log up to ${more.at(-1)!.id} were damaged; their tables are loaded again as well`,
      );
  }
}

/** In the place of a table's name. */
const UNKNOWN = 'unknown';
