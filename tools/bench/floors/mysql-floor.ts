import { createConnection } from 'mysql2';
import { TABLE } from '../source';
import { Stopwatch, type Floor } from './stopwatch';

/** Streams the whole table, values as text. */
export async function mysqlFloor(url: string): Promise<Floor> {
  const connection = createConnection({
    uri: url,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
  });
  const watch = new Stopwatch();
  let rows = 0;
  try {
    await watch.time(
      () =>
        new Promise<void>((resolve, reject) => {
          const query = connection.query(`SELECT * FROM ${TABLE}`);
          query.on('result', () => (rows += 1));
          query.on('error', reject);
          query.on('end', () => resolve());
        }),
    );
  } finally {
    connection.destroy();
  }
  return watch.floor(rows);
}
