import {
  insertRows,
  merged,
  notStored,
  openApplication,
  sampleTables,
  type RepositoryRow,
  type RowSet,
  type UserRow,
} from '@tributary/gh-archive';
import { mysqlError } from '@tributary/capture';
import { SyncError } from '@tributary/kernel';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { TaskWork } from '../worker/task-worker';
import {
  idsTask,
  rowTask,
  type DifferingRow,
  type IdsResult,
  type IdsTask,
  type RowTask,
  type WriteResult,
} from './import-tasks';
import { idOf } from './read-file';

/** Rows that are written, or compared, together. */
const TOGETHER = 1_000;
const tables = ['users', 'repositories'] as const;

/** Writes rows by upserts, which may be repeated: a try that died leaves nothing that the next one does not write again. */
export const writeRowsWork = (mysqlUrl: string): Promise<TaskWork<RowTask, WriteResult>> =>
  gathered(mysqlUrl, async (connection, rows) => {
    await insertRows(connection, rows);
    return tables.flatMap((table) =>
      rows[table].length > 0 ? [{ table, written: rows[table].length }] : [],
    );
  });

/** Says which rows are not there as the files have them. */
export const checkRowsWork = (mysqlUrl: string): Promise<TaskWork<RowTask, DifferingRow>> =>
  gathered(mysqlUrl, async (connection, rows) => {
    const differing = await notStored(connection, rows);
    return tables.flatMap((table) => differing[table].map((row) => ({ table, id: idOf(table, row) })));
  });

/** Lists the ids that MySQL holds. */
export async function storedIdsWork(mysqlUrl: string): Promise<TaskWork<IdsTask, IdsResult>> {
  const connection = await openApplication(mysqlUrl);
  return {
    schema: idsTask,
    run: (task) => explained(idsOf(connection, task)),
    close: () => Promise.resolve(connection.destroy()),
  };
}

async function* idsOf(connection: Connection, { table, from, to }: IdsTask): AsyncGenerator<IdsResult> {
  const { name, key } = sampleTables[table];
  for (let next: string | undefined = from; next !== undefined;) {
    const [rows]: [RowDataPacket[], unknown] = await connection.query(
      `SELECT ${key} AS id FROM ${name} WHERE ${key} >= ? AND ${key} <= ? ORDER BY ${key} LIMIT ${TOGETHER}`,
      [next, to],
    );
    const ids = rows.map(({ id }) => String(id));
    if (ids.length > 0) yield { table, ids };
    next = ids.length < TOGETHER ? undefined : String(BigInt(ids.at(-1)!) + 1n);
  }
}

/** Gathers rows, and works on many at a time. */
async function gathered<Result extends object>(
  mysqlUrl: string,
  work: (connection: Connection, rows: RowSet) => Promise<Result[]>,
): Promise<TaskWork<RowTask, Result>> {
  const connection = await openApplication(mysqlUrl);
  let rows: RowSet = { users: [], repositories: [] };
  async function* flush(): AsyncGenerator<Result> {
    const those = rows;
    rows = { users: [], repositories: [] };
    yield* await work(connection, those);
  }
  async function* take(task: RowTask): AsyncGenerator<Result> {
    add(rows, task);
    if (rows.users.length + rows.repositories.length >= TOGETHER) yield* flush();
  }
  return {
    schema: rowTask,
    run: (task) => explained(take(task)),
    end: () => explained(flush()),
    close: () => Promise.resolve(connection.destroy()),
  };
}

function add(rows: RowSet, { table, rows: texts }: RowTask): void {
  const known = texts.map((text) => JSON.parse(text) as object);
  const row = known.reduce((before, next) => merged(before, next));
  if (table === 'users') rows.users.push(row as UserRow);
  else rows.repositories.push(row as RepositoryRow);
}

/** What the driver throws says nothing of whether it passes by itself. */
async function* explained<T>(results: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* results;
  } catch (error) {
    throw error instanceof SyncError ? error : mysqlError(error);
  }
}
