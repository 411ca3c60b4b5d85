import { isNewer } from '@tributary/contract';
import { stale, type Outcome, type RowChange, type TargetWriter } from '../row-change';

/**
 * Writes the highest version of each row and counts its older ones as stale without sending them. Should the target
 * refuse the highest, the next one down is written instead, so that a bad row takes nothing along (R11).
 */
export async function applyCoalesced(
  writer: Pick<TargetWriter, 'apply'>,
  changes: readonly RowChange[],
): Promise<Outcome[]> {
  const outcomes: Outcome[] = changes.map(() => stale);
  let round = changes.map((change, at) => ({ change, at }));
  while (round.length > 0) {
    const winners = newestPerRow(round);
    const results = await writer.apply([...winners.values()].map(({ change }) => change));
    const retryRows = new Set<string>();
    [...winners].forEach(([row, { at }], nth) => {
      const outcome = results[nth]!;
      outcomes[at] = outcome;
      if (outcome.kind === 'rejected') retryRows.add(row);
    });
    if (retryRows.size === 0) break;
    round = round.filter((entry) => {
      const row = rowOf(entry.change);
      return retryRows.has(row) && winners.get(row) !== entry;
    });
  }
  return outcomes;
}

interface Entry {
  readonly change: RowChange;
  readonly at: number;
}

const rowOf = ({ table, keyText }: RowChange) => `${table.table}\0${keyText}`;

/** Of equal versions the first stays: a repeat says the same. */
function newestPerRow(entries: readonly Entry[]): Map<string, Entry> {
  const newest = new Map<string, Entry>();
  for (const entry of entries) {
    const row = rowOf(entry.change);
    const held = newest.get(row);
    if (!held || isNewer(entry.change.version, held.change.version)) newest.set(row, entry);
  }
  return newest;
}
