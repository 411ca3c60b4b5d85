import type { Connection } from 'mysql2/promise';
import { captureRows } from './not-installed';

/** When a table was last compared as a whole with one target. */
interface VerifiedAge {
  readonly table: string;
  readonly target: string;
  /** Seconds since that began. */
  readonly seconds: number;
}

/** Of every table and target that was ever compared as a whole, also of those that are no longer in the sync file. */
export async function readVerifiedAges(
  connection: Connection,
  captureSchema: string,
): Promise<VerifiedAge[]> {
  const rows = await captureRows(
    connection,
    captureSchema,
    (table) =>
      `SELECT table_name AS name, target, TIMESTAMPDIFF(MICROSECOND, at, UTC_TIMESTAMP(6)) / 1e6 AS age
       FROM ${table('table_verified')}`,
  );
  return rows.map((row) => ({
    table: String(row['name']),
    target: String(row['target']),
    seconds: Math.max(0, Number(row['age'])),
  }));
}
