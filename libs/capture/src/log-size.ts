import type { Connection } from 'mysql2/promise';
import { changeLog } from './capture-tables';
import { select } from './query';

/** How full the change log is. */
export interface LogSize {
  /** Entries that wait, at most: ids between the lowest and the highest, counting those that were rolled back. */
  readonly entries: number;
  /** Age of the entry with the lowest id, seconds; 0 when the log is empty. */
  readonly oldestSeconds: number;
}

/** Reads the log's two ends by its primary key, which costs the same however long it is (R13). */
export async function readLogSize(connection: Connection, captureSchema: string): Promise<LogSize> {
  const end = (direction: 'ASC' | 'DESC') =>
    `(SELECT id, TIMESTAMPDIFF(MICROSECOND, at, UTC_TIMESTAMP(6)) / 1e6 AS age FROM ${changeLog(captureSchema)} ORDER BY id ${direction} LIMIT 1)`;
  const [row] = await select<{ entries: string | null; age: number | null }>(
    connection,
    `SELECT CAST(highest.id - lowest.id + 1 AS CHAR) AS entries, lowest.age AS age FROM ${end('ASC')} lowest JOIN ${end('DESC')} highest`,
  );
  return { entries: Number(row?.entries ?? 0), oldestSeconds: Math.max(0, Number(row?.age ?? 0)) };
}
