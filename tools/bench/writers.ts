import { SeededRandom } from '@tributary/testing';
import type { ResultSetHeader } from 'mysql2/promise';
import { orderRow } from './order-row';
import { openSource, TABLE } from './source';

export interface Written {
  /** Row changes committed, each of which is one event. */
  readonly changes: number;
  readonly commits: number;
  readonly seconds: number;
}

export interface WriteOptions {
  /** Row changes in all; a few more may come of the last statements. */
  readonly changes: number;
  readonly writers: number;
  /** Ids 1 to this exist. */
  readonly rows: number;
  readonly onProgress: (changes: number) => void;
  readonly signal: AbortSignal;
}

/** Commits a mix of inserts (3 of 10 statements), updates (6) and deletes (1) as fast as the connections go. */
export async function writeChanges(url: string, options: WriteOptions): Promise<Written> {
  const { changes, writers, rows, onProgress, signal } = options;
  const startedAt = performance.now();
  let [done, commits] = [0, 0];
  const write = async (writer: number) => {
    const connection = await openSource(url);
    const seeded = new SeededRandom(writer + 1);
    const random = (below: number) => seeded.integer(0, below - 1);
    // Each writer has the ids of its own remainder, so that none waits for the row locks of another.
    let fresh = rows - (rows % writers) + writers + writer;
    const known = () => 1 + writer + writers * random(Math.floor((rows - writer - 1) / writers));
    try {
      await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      while (done < changes && !signal.aborted) {
        const size = 1 + random(20);
        const kind = random(10);
        let result: ResultSetHeader;
        if (kind < 3) {
          const ids = Array.from({ length: size }, () => (fresh += writers));
          [result] = await connection.query<ResultSetHeader>(`INSERT INTO ${TABLE} VALUES ?`, [
            ids.map(orderRow),
          ]);
        } else {
          const ids = Array.from({ length: size }, known);
          const change =
            kind < 9
              ? `UPDATE ${TABLE} SET amount = amount + 0.25, status = 'shipped'`
              : `DELETE FROM ${TABLE}`;
          [result] = await connection.query<ResultSetHeader>(`${change} WHERE id IN (?)`, [ids]);
        }
        done += result.affectedRows;
        commits += 1;
        onProgress(done);
      }
    } finally {
      await connection.end();
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  signal.throwIfAborted();
  return { changes: done, commits, seconds: (performance.now() - startedAt) / 1000 };
}
