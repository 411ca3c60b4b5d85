import { createConnection, type Connection, type ResultSetHeader } from 'mysql2/promise';
import { sampleTables, type RowSet, type SampleTable, type Statement, type Value } from './rows';

/** Rows of one statement: some 200 KB, far below the smallest usual max_allowed_packet. */
const STATEMENT_ROWS = 250;

/** A connection of the application's kind: UTF-8, times in UTC, ids as digits. */
export async function openApplication(url: string): Promise<Connection> {
  const connection = await createConnection({
    uri: url,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  await connection.query("SET time_zone = '+00:00'");
  return connection;
}

/** Writes rows by multi-row statements; a row whose id is there already gets its gaps filled. Returns the rows given. */
export async function insertRows(connection: Connection, rows: RowSet): Promise<number> {
  const users = await insertInto(connection, 'users', rows.users);
  return users + (await insertInto(connection, 'repositories', rows.repositories));
}

async function insertInto(
  connection: Connection,
  table: SampleTable,
  rows: readonly object[],
): Promise<number> {
  for (let from = 0; from < rows.length; from += STATEMENT_ROWS) {
    const { sql, values } = insertStatement(table, rows.slice(from, from + STATEMENT_ROWS));
    await connection.query<ResultSetHeader>(sql, values);
  }
  return rows.length;
}

/** One INSERT of all rows given, which must have the same columns. */
export function insertStatement(table: SampleTable, rows: readonly object[]): Statement {
  const { name, key } = sampleTables[table];
  const columns = Object.keys(rows[0] ?? {});
  const fill = columns
    .filter((column) => column !== key)
    .map((column) => `${column} = COALESCE(VALUES(${column}), ${column})`);
  return {
    sql: `INSERT INTO ${name} (${columns.join(', ')}) VALUES ? ON DUPLICATE KEY UPDATE ${fill.join(', ')}`,
    values: [rows.map((row) => Object.values(row) as Value[])],
  };
}
