import type { Connection } from 'mysql2/promise';
import { tableIncarnations } from './capture-tables';
import type { Flavour } from './flavour';
import { quoteTable } from './identifiers';
import { execute, select, selectRaw } from './query';

/**
 * InnoDB's own ids of each table and its partitions, which TRUNCATE, DROP with CREATE and rebuilding ALTERs renew; and
 * after an @ the time of the last ALTER of any kind, to the second: those that rebuild nothing can give rows other
 * values as well (a column dropped and added again, another generation expression).
 */
export type Incarnations = ReadonlyMap<string, string>;

/** Whether two are of the same table, unaltered; one that an older version stored has no time to compare. */
export function sameIncarnation(known: string, now: string): boolean {
  return known.includes('@') ? known === now : known === idsOf(now);
}

/** Whether the rows were written anew, or are gone; else an ALTER has changed the table where it is. */
export const wasRebuilt = (known: string, now: string): boolean => idsOf(known) !== idsOf(now);

const idsOf = (incarnation: string) => incarnation.replace(/@.*$/, '');

/**
 * Reads them for `database.table` names; needs PROCESS. CREATE_TIME alone would not do: MySQL 8 keeps it through a
 * TRUNCATE.
 * Left out on MySQL are tables whose name InnoDB spells in a way of its own (letters beyond ASCII).
 */
export async function readIncarnations(
  connection: Connection,
  flavour: Flavour,
  tables: readonly string[],
): Promise<Incarnations> {
  if (tables.length === 0) return new Map();
  const names = flavour === 'mysql' ? tables.map(innodbName) : await filenames(connection, tables);
  const spelled = new Map(tables.map((table, at) => [names[at]!, table]));
  const databases = [...new Set([...spelled.keys()].map((name) => name.slice(0, name.indexOf('/'))))];
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
  for (const [table, time] of await alterTimes(connection, tables))
    if (incarnations.has(table)) incarnations.set(table, `${incarnations.get(table)}@${time}`);
  return incarnations;
}

const TABLES_A_QUERY = 100;

/** Servers name the time of the last ALTER CREATE_TIME. MariaDB opens no other tables for conditions of this form. */
async function alterTimes(connection: Connection, tables: readonly string[]): Promise<Map<string, string>> {
  const times = new Map<string, string>();
  for (let from = 0; from < tables.length; from += TABLES_A_QUERY) {
    const some = tables.slice(from, from + TABLES_A_QUERY);
    const one = `SELECT ? AS \`table\`, CAST(create_time AS CHAR) AS \`time\` FROM information_schema.tables
      WHERE table_schema = ? AND table_name = ?`;
    const rows = await select<{ table: string; time: string | null }>(
      connection,
      some.map(() => one).join(' UNION ALL '),
      some.flatMap((table) => [
        table,
        table.slice(0, table.indexOf('.')),
        table.slice(table.indexOf('.') + 1),
      ]),
    );
    for (const { table, time } of rows) times.set(table, time ?? '');
  }
  return times;
}

/** `database/table` as InnoDB writes it: other characters than ASCII letters, digits and _ as @ and four hex digits. */
const innodbName = (table: string) =>
  table
    .replace('.', '/')
    .replace(/[^A-Za-z0-9_/]/g, (character) => `@${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The same by MariaDB's own character set for file names, which MySQL 8 hides. */
export async function filenames(connection: Connection, tables: readonly string[]): Promise<string[]> {
  const spelling = 'CAST(CONVERT(CONVERT(? USING utf8mb4) USING filename) AS BINARY)';
  const [parts] = await selectRaw(
    connection,
    `SELECT ${tables.map(() => `${spelling}, ${spelling}`).join(', ')}`,
    tables.flatMap((table) => [table.slice(0, table.indexOf('.')), table.slice(table.indexOf('.') + 1)]),
  );
  return tables.map((_table, at) => `${parts![2 * at]!.toString()}/${parts![2 * at + 1]!.toString()}`);
}

/** What `storeIncarnations` kept: as the tables were when a relay last looked. */
export async function storedIncarnations(
  connection: Connection,
  captureSchema: string,
): Promise<Incarnations> {
  const rows = await select<{ name: string; made: string }>(
    connection,
    `SELECT table_name AS name, incarnation AS made FROM ${tableIncarnations(captureSchema)}`,
  );
  return new Map(rows.map(({ name, made }) => [name, made]));
}

/** Keeps these in the capture schema, so that the next relay sees what became of the tables in between. */
export async function storeIncarnations(
  connection: Connection,
  captureSchema: string,
  incarnations: Incarnations,
): Promise<void> {
  for (const [table, made] of incarnations)
    await execute(
      connection,
      `INSERT INTO ${tableIncarnations(captureSchema)} (table_name, incarnation) VALUES (?, ?) ON DUPLICATE KEY UPDATE incarnation = ?`,
      [table, made, made],
    );
}

/** Whether a table has no row at all. */
export async function isEmpty(connection: Connection, table: string): Promise<boolean> {
  return (await select(connection, `SELECT 1 FROM ${quoteTable(table)} LIMIT 1`)).length === 0;
}
