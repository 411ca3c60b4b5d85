import { Binary, Int32 } from './bson';
import { quoted, type MatrixRow, type MatrixTable } from './matrix-table';

const MEGABYTE = 2 ** 20;

/** 256 bytes that hold each byte once, out of order, so that a cut or a swap shows. */
const pattern = Buffer.from(Array.from({ length: 256 }, (_, at) => (at * 167 + 13) % 256));

function sizedRow(table: string, id: number, size: number, letters = ''): MatrixRow {
  const content = Buffer.alloc(size, pattern);
  return {
    insert: `INSERT INTO ${quoted(table)} VALUES (${id}, REPEAT(x'${pattern.toString('hex')}', ${size / 256}), ${
      letters === ''
        ? 'NULL'
        : `CONVERT(REPEAT(x'${Buffer.from(letters).toString('hex')}', ${1 << 18}) USING utf8mb4)`
    })`,
    lenient: false,
    id: new Int32(id),
    keyText: `${id}`,
    mongo: [
      ['id', new Int32(id)],
      ['b', new Binary(content)],
      ['t', letters === '' ? null : letters.repeat(1 << 18)],
    ],
    redis: [
      ['id', `${id}`],
      ['b', content],
      ...(letters === '' ? [] : [['t', letters.repeat(1 << 18)] as const]),
    ],
  };
}

export const sizedDdl = (name: string) =>
  `CREATE TABLE ${quoted(name)} (id INT PRIMARY KEY, b LONGBLOB, t LONGTEXT CHARACTER SET utf8mb4)`;

/** Rows of a megabyte, and one of 15. */
export function sizedTable(): MatrixTable {
  return {
    name: 'sizes',
    ddl: sizedDdl('sizes'),
    rows: [
      sizedRow('sizes', 1, MEGABYTE),
      sizedRow('sizes', 2, 0, '😀'),
      sizedRow('sizes', 3, MEGABYTE, 'é\0"\\'),
      sizedRow('sizes', 4, 15 * MEGABYTE),
    ],
  };
}

/** A row that MongoDB's 16 MB cannot hold, and one whose message is larger than the topics allow (48 MB). */
export const beyondMongo = sizedRow('huge', 1, 17 * MEGABYTE);
export const beyondKafka = sizedRow('huge', 2, 40 * MEGABYTE);
