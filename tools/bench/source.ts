import { Readable } from 'node:stream';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createTable, orderRow, type OrderRow } from './order-row';

export const DATABASE = 'bench';
export const TABLE = `${DATABASE}.orders`;

/** Rows of one LOAD DATA, which is one transaction. */
const LOAD_ROWS = 50_000;
const LINES_PER_CHUNK = 500;

/** A connection that gives dates, big numbers and JSON as text, and rows as arrays. */
export const openSource = (url: string): Promise<Connection> =>
  createConnection({
    uri: url,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
  });

/** Makes the table and fills it with `rows` rows, ids 1 and up. */
export async function fillSource(
  url: string,
  rows: number,
  onProgress: (rows: number) => void,
): Promise<void> {
  const connection = await openSource(url);
  try {
    await connection.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`);
    await connection.query(createTable(TABLE));
    await fillRows(connection, { from: 1, to: rows }, onProgress);
    // The planner's estimates would otherwise be those of an empty table.
    await connection.query(`ANALYZE TABLE ${TABLE}`);
  } finally {
    await connection.end();
  }
}

/** Inserts the rows of these ids, in transactions of 50,000. */
export async function fillRows(
  connection: Connection,
  ids: { readonly from: number; readonly to: number },
  onProgress: (last: number) => void,
): Promise<void> {
  for (let from = ids.from; from <= ids.to; from += LOAD_ROWS) {
    const to = Math.min(ids.to, from + LOAD_ROWS - 1);
    await connection.query({
      sql: `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${TABLE} CHARACTER SET utf8mb4`,
      infileStreamFactory: () => Readable.from(lines(from, to)),
    });
    onProgress(to);
  }
}

/** Rows in the form that LOAD DATA reads by default; no value of them holds a character that needs escaping. */
function* lines(from: number, to: number): Generator<Buffer> {
  for (let at = from; at <= to; at += LINES_PER_CHUNK) {
    let text = '';
    for (let id = at; id <= Math.min(to, at + LINES_PER_CHUNK - 1); id += 1)
      text += `${orderRow(id)
        .map((value) => value ?? '\\N')
        .join('\t')}\n`;
    yield Buffer.from(text);
  }
}

export async function rowsIn(connection: Connection, table: string): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[][]>(`SELECT COUNT(*) FROM ${table}`);
  return Number(rows[0]?.[0]);
}

export const countSource = (connection: Connection) => rowsIn(connection, TABLE);

/** About `count` rows from all over the table. */
export async function sampleSource(connection: Connection, count: number, rows: number): Promise<OrderRow[]> {
  const step = Math.max(1, Math.floor(rows / count));
  const [sample] = await connection.query<RowDataPacket[][]>(
    `SELECT * FROM ${TABLE} WHERE id % ${step} = 0 LIMIT ${count}`,
  );
  // The driver gives numbers that a double holds as such.
  return sample.map((row) => (row as unknown[]).map((value) => (value === null ? null : String(value))));
}
