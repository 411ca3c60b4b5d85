import type { Connection } from 'mysql2/promise';
import { captureRows } from './not-installed';

/** Of each table that was ever compared as a whole: seconds since that began, for the target where it is longest ago. */
export async function readVerifiedAges(
  connection: Connection,
  captureSchema: string,
): Promise<Map<string, number>> {
  const rows = await captureRows(
    connection,
    captureSchema,
    (table) =>
      `SELECT table_name AS name, TIMESTAMPDIFF(MICROSECOND, MIN(at), UTC_TIMESTAMP(6)) / 1e6 AS age
       FROM ${table('table_verified')} GROUP BY table_name`,
  );
  return new Map(rows.map((row) => [String(row['name']), Math.max(0, Number(row['age']))]));
}
