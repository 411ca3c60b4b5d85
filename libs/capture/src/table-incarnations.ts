import type { Connection } from 'mysql2/promise';
import type { Flavour } from './flavour';
import { quoteTable } from './identifiers';
import { select } from './query';

/** InnoDB's own ids of each table and its partitions; TRUNCATE, DROP with CREATE and rebuilding ALTERs give new ones. */
export type Incarnations = ReadonlyMap<string, string>;

/**
 * Reads them for `database.table` names; needs PROCESS. CREATE_TIME would not do: MySQL 8 keeps it through a TRUNCATE.
 * A table whose name InnoDB spells in a way of its own (letters beyond ASCII) is left out.
 */
export async function readIncarnations(
  connection: Connection,
  flavour: Flavour,
  tables: readonly string[],
): Promise<Incarnations> {
  const spelled = new Map(tables.map((table) => [innodbName(table), table]));
  const databases = [...new Set([...spelled.keys()].map((name) => name.slice(0, name.indexOf('/'))))];
  if (databases.length === 0) return new Map();
  const rows = await select<{ name: string; id: string }>(
    connection,
    `SELECT CAST(name AS CHAR) AS name, CAST(table_id AS CHAR) AS id
     FROM information_schema.${flavour === 'mysql' ? 'innodb_tables' : 'innodb_sys_tables'}
     WHERE SUBSTRING_INDEX(name, '/', 1) IN (?) ORDER BY table_id`,
    [databases],
  );
  const incarnations = new Map<string, string>();
  for (const { name, id } of rows) {
    const table = spelled.get(name.replace(/#p#.*$/i, ''));
    if (table !== undefined) incarnations.set(table, `${incarnations.get(table) ?? ''} ${id}`);
  }
  return incarnations;
}

/** `database/table` as InnoDB writes it: other characters than ASCII letters, digits and _ as @ and four hex digits. */
const innodbName = (table: string) =>
  table
    .replace('.', '/')
    .replace(/[^A-Za-z0-9_/]/g, (character) => `@${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Whether a table has no row at all. */
export async function isEmpty(connection: Connection, table: string): Promise<boolean> {
  return (await select(connection, `SELECT 1 FROM ${quoteTable(table)} LIMIT 1`)).length === 0;
}
