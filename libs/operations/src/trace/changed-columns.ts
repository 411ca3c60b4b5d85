import type { WireRow, WireValue } from '@tributary/contract';

/** Wire values; `undefined` where that side has no such column. */
export interface ChangedColumn {
  readonly column: string;
  readonly before: WireValue | undefined;
  readonly after: WireValue | undefined;
}

/** The columns that differ; without a row before, all columns of the row after. */
export function changedColumns(before: WireRow | null | undefined, after: WireRow | null): ChangedColumn[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names]
    .filter((column) => before?.[column] !== after?.[column])
    .map((column) => ({ column, before: before?.[column], after: after?.[column] }));
}
