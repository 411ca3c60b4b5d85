import type { Decoded, Step } from './round-decoder';
import type { RoundRecords, SinkRecord } from './round-records';
import { tableOfKey } from './table-of-key';
import { count } from './table-summary';

/** Whether what a partition brings of a table is left out for now; it is read again later. */
export type LeavesOut = (table: string, partition: number) => boolean;

/** Tables of which something was left out, by partition. */
export type MissedTables = ReadonlyMap<number, ReadonlySet<string>>;

/** Takes what is left out from a round, dead letters as well: they are written when it is read again. */
export function leaveOut<R extends SinkRecord>(
  { changes, steps, tables, rejected }: Decoded<R>,
  records: RoundRecords<R>,
  leavesOut: LeavesOut,
): { decoded: Decoded<R>; missed: MissedTables } {
  const missed = new Map<number, Set<string>>();
  const stays = (table: string, partition: number): boolean => {
    if (!leavesOut(table, partition)) return true;
    missed.set(partition, (missed.get(partition) ?? new Set()).add(table));
    return false;
  };
  const stay = {
    changes: changes.filter((change) => {
      if (stays(change.table.table, records.batchOf(change.index).partition)) return true;
      count(tables, change, 'paused');
      return false;
    }),
    steps: steps.filter(
      ({ control, partition }: Step) => control === 'lost' || stays(control.settings.table, partition),
    ),
    rejected: rejected.filter(({ record, batch }) => {
      const table = tableOfKey(record.key);
      return table === undefined || stays(table, batch.partition);
    }),
  };
  const controls = stay.steps.flatMap(({ control }) => (control === 'lost' ? [] : control));
  return { decoded: { ...stay, controls, tables }, missed };
}
