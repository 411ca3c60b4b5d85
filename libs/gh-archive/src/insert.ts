import { setTimeout as sleep } from 'node:timers/promises';
import { openMysql } from '@tributary/capture';
import { hasErrno, mysqlErrno } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { sampleTables, type RowSet, type SampleTable, type Statement, type Value } from './rows';

/** Rows of one statement: some 200 KB, far below the smallest usual max_allowed_packet. */
const STATEMENT_ROWS = 250;

/** A connection of the application's kind: UTF-8, times in UTC, ids as digits, and no value is cut to fit. */
export async function openApplication(url: string): Promise<Connection> {
  const connection = await openMysql(url);
  await connection.query(`SET SESSION sql_mode = 'STRICT_ALL_TABLES'`);
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
  for (let from = 0; from < rows.length; from += STATEMENT_ROWS)
    await written(connection, insertStatement(table, rows.slice(from, from + STATEMENT_ROWS)));
  return rows.length;
}

const ATTEMPTS = 10;

async function written(connection: Connection, { sql, values }: Statement): Promise<void> {
  for (let attempt = 1; ; attempt += 1)
    try {
      await connection.query(sql, values);
      return;
    } catch (error) {
      // Another writer had the same rows.
      const isContention = hasErrno(error, mysqlErrno.LOCK_WAIT_TIMEOUT, mysqlErrno.LOCK_DEADLOCK);
      if (attempt === ATTEMPTS || !isContention) throw error;
      await sleep(20 * attempt);
    }
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
