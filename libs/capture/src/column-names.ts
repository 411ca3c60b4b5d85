import { sameColumn, type ColumnSettings, type SyncConfig, type TableSettings } from '@tributary/sync-config';
import type { Catalogue, TableInfo } from './catalogue';
import type { TableFault } from './describe';

/** The sync file's words on columns under the names that the server has: it takes them in letters of either case. */
export function asOnServer(settings: TableSettings, names: readonly string[]): TableSettings {
  const nameOf = (column: string) => names.find((name) => sameColumn(name, column)) ?? column;
  const keyed = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).map(([column, value]) => [nameOf(column), value]));
  const { exclude, rename, mask } = settings;
  return { ...settings, exclude: exclude.map(nameOf), rename: keyed(rename), mask: keyed(mask) };
}

function columnUses({ exclude, rename, mask }: ColumnSettings): [verb: string, columns: readonly string[]][] {
  return [
    ['excludes', exclude],
    ['renames', Object.keys(rename)],
    ['masks', Object.keys(mask)],
  ];
}

const has = (names: readonly string[], column: string) => names.some((name) => sameColumn(name, column));

/** What a table's own entry says of columns that it does not have. */
export function unknownColumns(config: SyncConfig, table: string, names: readonly string[]): string[] {
  if (!config.tablePatterns.includes(table)) return [];
  return columnUses(config.columnsOf(table)).flatMap(([verb, columns]) =>
    columns
      .filter((column) => !has(names, column))
      .map((column) => `has no column ${column}, which the sync file ${verb}: correct the name there`),
  );
}

/**
 * A pattern speaks of columns that some of its tables need not have; but one that none of them has is a slip of the
 * pen, and would let through what was to be hidden.
 */
export function patternFaults(
  config: SyncConfig,
  catalogue: Catalogue,
  tablesOf: (pattern: string) => readonly TableInfo[],
): TableFault[] {
  return config.tablePatterns
    .filter((pattern) => pattern.includes('*'))
    .flatMap((pattern) => {
      const tables = tablesOf(pattern);
      if (tables.length === 0) return [];
      const names = tables.flatMap(
        ({ table }) => catalogue.columns.get(table)?.map(({ name }) => name) ?? [],
      );
      return columnUses(config.columnsOf(pattern)).flatMap(([verb, columns]) =>
        columns
          .filter((column) => !has(names, column))
          .map((column) => ({
            table: 'sync file',
            message: `The sync file ${verb} ${column} for a pattern, but none of the tables of ${pattern} has that column: correct the name.`,
          })),
      );
    });
}
