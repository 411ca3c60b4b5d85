import { namePattern } from '@tributary/kernel';
import { sameColumn, type ColumnSettings, type SyncConfig, type TableSettings } from '@tributary/sync-config';
import type { Catalogue } from './catalogue';
import { isBaseTable } from './skipped';

/** What a pattern says of a column that none of its tables has. */
export interface PatternSlip {
  readonly message: string;
  /** What the pattern could let through. */
  readonly tables: readonly string[];
}

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
export function patternSlips(config: SyncConfig, catalogue: Catalogue): PatternSlip[] {
  return config.tablePatterns
    .filter((pattern) => pattern.includes('*'))
    .flatMap((pattern) => {
      const tables = catalogue.tables
        .filter((info) => isBaseTable(info) && namePattern(pattern).test(info.table))
        .map(({ table }) => table);
      if (tables.length === 0) return [];
      const names = tables.flatMap((table) => catalogue.columns.get(table)?.map(({ name }) => name) ?? []);
      return columnUses(config.columnsOf(pattern)).flatMap(([verb, columns]) =>
        columns
          .filter((column) => !has(names, column))
          .map((column) => ({
            tables,
            message: `The sync file ${verb} ${column} for a pattern, but none of the tables of ${pattern} has that column: correct the name.`,
          })),
      );
    });
}
