import { isNewer, type Version } from '@tributary/contract';
import type { RowChange, TargetWriter } from '../row-change';
import type { SweepNotes } from './sweep-notes';
import type { RowKey } from './sweeper';

export interface LateRowsParts {
  readonly notes: Pick<SweepNotes, 'read'>;
  readonly writer: Pick<TargetWriter, 'apply' | 'rowId'>;
  /** See `SweeperParts`. */
  readonly refusedSince: (table: string, floor: Version) => Promise<readonly RowKey[] | undefined>;
}

/**
 * Rows of loads that come when a newer load of their table is complete already, as they can by a topic of their own. What of
 * them the source still has stands in the target under a higher version; the others are gone, and must not come back (R6):
 * where the newer load found nothing to remove, no tombstone stands in their way.
 */
export class LateRows {
  constructor(private readonly parts: LateRowsParts) {}

  /** The changes that are not late, and those that are. Throws a SyncError `retry`. */
  async split(changes: readonly RowChange[]): Promise<{ current: RowChange[]; late: RowChange[] }> {
    const floors = await this.#floors(changes);
    const isLate = (change: RowChange) => isBelow(change, floors);
    return {
      current: changes.filter((change) => !isLate(change)),
      late: changes.filter(isLate),
    };
  }

  /**
   * To be called when changes are applied: a load may have become complete meanwhile, whose sweep had passed their places
   * before. That it is complete is noted before it sweeps, so that either of the two sees such a row. Throws a SyncError `retry`.
   */
  async removeOvertaken(changes: readonly RowChange[]): Promise<void> {
    const floors = await this.#floors(changes);
    const overtaken = changes.filter((change) => isBelow(change, floors));
    for (const [table, floor] of floors) {
      const rows = overtaken.filter((change) => change.table.table === table);
      if (rows.length === 0) continue;
      const refused = await this.parts.refusedSince(table, floor);
      // As a sweep leaves all of them then.
      if (refused === undefined) continue;
      const spared = new Set(refused.map(({ keyText }) => keyText));
      const gone = new Map(
        rows.flatMap((row) =>
          spared.has(row.keyText)
            ? []
            : [[row.keyText, { ...row, op: 'd', after: null, version: floor } satisfies RowChange]],
        ),
      );
      await this.parts.writer.apply([...gone.values()]);
    }
  }

  async #floors(changes: readonly RowChange[]): Promise<Map<string, Version>> {
    const floors = new Map<string, Version>();
    for (const table of new Set(changes.map((change) => change.table.table))) {
      const complete = (await this.parts.notes.read(table))?.complete;
      if (complete) floors.set(table, complete);
    }
    return floors;
  }
}

const isBelow = ({ table, version }: RowChange, floors: ReadonlyMap<string, Version>): boolean => {
  const floor = floors.get(table.table);
  return floor !== undefined && isNewer(floor, version);
};
