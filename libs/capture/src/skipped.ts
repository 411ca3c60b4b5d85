import { namePattern } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import type { Catalogue, TableInfo } from './catalogue';
import type { SkippedTable, TableFault } from './table-fault';

/** Tables that can be captured, as far as their kind goes. */
export const isBaseTable = ({ type, database }: TableInfo) =>
  type === 'BASE TABLE' && !database.includes('.');

/** What holds no rows of its own is no table that somebody would miss; the rest of what is no base table is. */
const rowless: Readonly<Record<string, SkippedTable['code']>> = {
  VIEW: 'VIEW',
  'SYSTEM VIEW': 'VIEW',
  SEQUENCE: 'SEQUENCE',
  TEMPORARY: 'TEMPORARY',
};

/** Every match of the sync file's entries that is no base table or is left out: none goes without a word (R15). */
export function skippedOf(
  config: SyncConfig,
  { tables }: Catalogue,
): { skipped: SkippedTable[]; faults: TableFault[] } {
  const skipped: SkippedTable[] = [];
  const faults: TableFault[] = [];
  for (const info of tables) {
    const { table, type, database } = info;
    const skip = (code: SkippedTable['code'], reason: string) => skipped.push({ table, code, reason });
    if (config.isExcluded(table)) skip('EXCLUDED', `${table} is excluded in the sync file.`);
    else if (!config.table(table) || isBaseTable(info) || config.tablePatterns.includes(table)) continue;
    else if (database.includes('.'))
      skip(
        'NAME',
        `The database ${database} has a dot in its name, so the sync file cannot name its tables.`,
      );
    else if (rowless[type]) skip(rowless[type], `${table} is a ${type.toLowerCase()}, not a table.`);
    else
      faults.push({
        ...{ table, code: 'NOT_A_TABLE' },
        message: `${table} is a ${type.toLowerCase()} table, and only base tables can be captured: change it, or exclude it in the sync file.`,
      });
  }
  return { skipped, faults };
}

/** Entries that no base table fits. */
export function unmatchedEntries(config: SyncConfig, { tables }: Catalogue): TableFault[] {
  const names = tables.filter(isBaseTable).map(({ table }) => table);
  return config.tablePatterns.flatMap((pattern): TableFault[] => {
    const found = pattern.includes('*')
      ? names.some((name) => namePattern(pattern).test(name))
      : names.includes(pattern);
    if (found) return [];
    const other = tables.find(({ table }) => table === pattern);
    return other
      ? [
          {
            ...{ table: pattern, code: 'NOT_A_TABLE' },
            message: `${pattern} is a ${other.type.toLowerCase()}, and only base tables can be captured: take it out of the sync file.`,
          },
        ]
      : [
          {
            ...{ table: pattern, code: 'MISSING' },
            message: `${pattern} of the sync file ${pattern.includes('*') ? 'matches no table' : 'does not exist'} on this server, or this account may not see it: check the name and grant SELECT.`,
          },
        ];
  });
}
