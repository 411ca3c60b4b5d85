import type { Connection, RowDataPacket } from 'mysql2/promise';
import { sampleTables, type RowSet, type SampleTable, type Value } from './rows';

const QUERY_IDS = 1_000;

/** Those of the rows that their table lacks or holds with another value; NULL here says nothing of a column. */
export async function notStored(connection: Connection, rows: RowSet): Promise<RowSet> {
  return {
    users: await notIn(connection, 'users', rows.users, ({ user_id }) => user_id),
    repositories: await notIn(connection, 'repositories', rows.repositories, ({ repo_id }) => repo_id),
  };
}

async function notIn<Row extends object>(
  connection: Connection,
  table: SampleTable,
  rows: readonly Row[],
  idOf: (row: Row) => string,
): Promise<Row[]> {
  const { name, key } = sampleTables[table];
  const differing: Row[] = [];
  for (let from = 0; from < rows.length; from += QUERY_IDS) {
    const wanted = rows.slice(from, from + QUERY_IDS);
    const [found] = await connection.query<RowDataPacket[]>(
      `SELECT ${Object.keys(wanted[0]!).join(', ')} FROM ${name} WHERE ${key} IN (?)`,
      [wanted.map(idOf)],
    );
    const held = new Map(found.map((row) => [String(row[key]), row]));
    differing.push(...wanted.filter((row) => !holds(held.get(idOf(row)), row)));
  }
  return differing;
}

function holds(held: RowDataPacket | undefined, wanted: object): boolean {
  return (
    held !== undefined &&
    Object.entries(wanted).every(([column, value]) => value === null || same(column, held[column], value))
  );
}

/** MySQL writes JSON with spaces of its own. */
function same(column: string, held: unknown, wanted: Value): boolean {
  if (column === 'topics' && typeof held === 'string')
    return JSON.stringify(JSON.parse(held)) === JSON.stringify(JSON.parse(String(wanted)));
  return held !== null && String(held) === String(wanted);
}

export type TableCounts = Readonly<Record<SampleTable, number>>;

/** Rows of the sample tables now. */
export async function countRows(connection: Connection): Promise<TableCounts> {
  const count = async (table: SampleTable) => {
    const [[row]] = await connection.query<RowDataPacket[]>(
      `SELECT COUNT(*) AS rows_now FROM ${sampleTables[table].name}`,
    );
    return Number(row?.['rows_now']);
  };
  return { users: await count('users'), repositories: await count('repositories') };
}
