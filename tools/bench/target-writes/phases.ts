import type { RowChange } from '@tributary/targets';
import { changeOf, type BenchTable } from './changes';

export interface Phase {
  readonly name: string;
  readonly batches: () => RowChange[][];
}

/** What a writer meets, one after another, on the same rows; `round` keeps ids and versions of repetitions apart. */
export function phases(table: BenchTable, rows: number, batches: number, round: number): Phase[] {
  const total = rows * batches;
  const first = (round + 1) * 1_000_000_000;
  let log = first;
  /** One log id for all rows of a load, one for each live change. */
  const all = (from: number, op: RowChange['op']): RowChange[][] => {
    log += 1;
    return Array.from({ length: batches }, (_, batch) =>
      Array.from({ length: rows }, (_, at) =>
        changeOf(table, from + batch * rows + at, op === 'r' ? log : (log += 1), op),
      ),
    );
  };
  /** Six inserts, three updates and one delete in ten. */
  const mixed = () =>
    Array.from({ length: batches }, (_, batch) =>
      Array.from({ length: rows }, (_, at) => {
        const id = first + batch * rows + at;
        const op = at % 10 < 6 ? 'c' : at % 10 < 9 ? 'u' : 'd';
        return changeOf(table, op === 'c' ? id + 2 * total : id, (log += 1), op);
      }),
    );
  return [
    { name: 'load of new rows', batches: () => all(first, 'r') },
    { name: 'load of rows that are there', batches: () => all(first, 'r') },
    { name: 'updates', batches: () => all(first, 'u') },
    { name: 'inserts', batches: () => all(first + total, 'c') },
    { name: 'deletes', batches: () => all(first, 'd') },
    { name: 'inserts of deleted rows', batches: () => all(first, 'c') },
    { name: 'stream, 60/30/10', batches: mixed },
    {
      name: 'lone updates',
      batches: () => all(first + total, 'u').flatMap((batch) => batch.slice(0, 5).map((one) => [one])),
    },
  ];
}
