import type { Connection } from 'mysql2/promise';
import { DATABASE, openSource, rowsIn } from '../source';

const MIB = 2 ** 20;

/** A kind of large row. */
export interface Body {
  readonly name: string;
  readonly table: string;
  readonly type: 'LONGBLOB' | 'LONGTEXT';
  readonly bytes: number;
  readonly rows: number;
  /** Whether the topic takes its message: base64 makes four bytes of three. */
  readonly fits: boolean;
}

const body = (type: Body['type'], mib: number, rows: number): Body => ({
  name: `${rows} rows of ${mib} MiB ${type === 'LONGBLOB' ? 'binary' : 'text'}`,
  table: `${DATABASE}.${type === 'LONGBLOB' ? 'blobs' : 'texts'}_${mib}`,
  type,
  // A little less, so that a document of 16 MiB has room for its other fields.
  bytes: mib * MIB - 4096,
  rows,
  fits: type === 'LONGTEXT' || mib <= 34,
});

export const bodies: readonly Body[] = [
  body('LONGBLOB', 1, 100),
  body('LONGTEXT', 1, 100),
  body('LONGBLOB', 16, 6),
  body('LONGTEXT', 16, 6),
  body('LONGBLOB', 34, 4),
  body('LONGTEXT', 40, 4),
  body('LONGBLOB', 40, 4),
];

export async function createLarge(connection: Connection): Promise<void> {
  for (const { table, type } of bodies)
    await connection.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, body ${type} NOT NULL)`);
}

/** Inserts the rows, each in a transaction of its own; answers how many. */
export async function insertLarge(url: string, { table, type, bytes, rows }: Body): Promise<number> {
  const connection = await openSource(url);
  try {
    for (let id = 1; id <= rows; id += 1) {
      // A text with characters beyond Latin-1 and with escapes takes the most room in a JavaScript string.
      const piece =
        type === 'LONGBLOB'
          ? `UNHEX(SHA2(${id}, 512))`
          : `CONCAT('"line ${id}"', CHAR(10), ' → 世界 🎁 plain ')`;
      await connection.query(
        `INSERT INTO ${table} SELECT ${id}, REPEAT(piece, ${bytes} DIV LENGTH(piece)) FROM (SELECT ${piece} AS piece) AS pieces`,
      );
    }
    return rows;
  } finally {
    await connection.end();
  }
}

/** The rows are there, and the change log does not know of them; answers how many. */
export async function loadLarge(connection: Connection, url: string, large: Body): Promise<number> {
  if ((await rowsIn(connection, large.table)) === 0) {
    await insertLarge(url, large);
    await connection.query('DELETE FROM tributary_bench.change_log');
  }
  return large.rows;
}
