import type { Connection } from 'mysql2/promise';
import { changeLog, tableShapes } from './capture-tables';
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

/** Entries that are looked through: what the relay would read next, whatever waits behind it. */
const LOOKED_THROUGH = 2_000;

/**
 * By table, the age in seconds of its oldest entry among the oldest of the log, which cost the same to read however long
 * it is. Tables whose entries all stand further behind are left out.
 */
export async function readOldestEntries(
  connection: Connection,
  captureSchema: string,
): Promise<Map<string, number>> {
  const rows = await select<{ name: string; age: string }>(
    connection,
    `SELECT s.table_name AS name, TIMESTAMPDIFF(MICROSECOND, MIN(e.at), UTC_TIMESTAMP(6)) / 1e6 AS age
     FROM (SELECT shape_id, at FROM ${changeLog(captureSchema)} ORDER BY id LIMIT ${LOOKED_THROUGH}) AS e
     JOIN ${tableShapes(captureSchema)} AS s ON s.id = e.shape_id GROUP BY s.table_name`,
  );
  return new Map(rows.map(({ name, age }) => [name, Math.max(0, Number(age))]));
}
