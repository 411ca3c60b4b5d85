import type { MaskKind } from '@tributary/contract';
import type { TableEntry } from './schema';

/** What entries of the sync file say of columns. */
export interface ColumnSettings {
  readonly exclude: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly mask: Readonly<Record<string, MaskKind>>;
}

/** From the least that stays readable to the most. */
const strictest: readonly MaskKind[] = ['redact', 'sha256', 'last4'];

const stricterMask = (a: MaskKind, b: MaskKind): MaskKind =>
  strictest.indexOf(a) < strictest.indexOf(b) ? a : b;

/** MySQL compares the names of columns so. */
export const sameColumn = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * All that the entries of one table say together: no entry takes back what another one hides. Of two masks the
 * stricter holds (`redact`, `sha256`, `last4`), and what is excluded anywhere is neither masked nor renamed.
 */
export function mergedColumns(entries: readonly Pick<TableEntry, 'columns'>[]): ColumnSettings {
  const exclude: string[] = [];
  for (const column of entries.flatMap(({ columns }) => columns?.exclude ?? []))
    if (!exclude.some((other) => sameColumn(other, column))) exclude.push(column);
  const excluded = new Set(exclude.map((column) => column.toLowerCase()));
  const merged = <T>(pick: (entry: Pick<TableEntry, 'columns'>) => Record<string, T> | undefined) => {
    const held = new Map<string, [column: string, values: T[]]>();
    for (const [column, value] of entries.flatMap((entry) => Object.entries(pick(entry) ?? {}))) {
      const name = column.toLowerCase();
      if (excluded.has(name)) continue;
      const [, values] = held.get(name) ?? [column, []];
      held.set(name, [held.get(name)?.[0] ?? column, [...values, value]]);
    }
    return [...held.values()];
  };
  return {
    exclude,
    rename: Object.fromEntries(
      merged(({ columns }) => columns?.rename).map(([column, fields]) => [column, fields.at(-1)!]),
    ),
    mask: Object.fromEntries(
      merged(({ columns }) => columns?.mask).map(([column, kinds]) => [column, kinds.reduce(stricterMask)]),
    ),
  };
}
