import { captureRows, type Connection, type TablePlan } from '@tributary/capture';
import type { RowDataPacket } from 'mysql2/promise';

/** The server's own estimate of each table's rows; cheap, and wrong by a third now and then. */
export async function estimatedRows(
  connection: Connection,
  plans: readonly Pick<TablePlan, 'schema'>[],
): Promise<Map<string, number>> {
  if (plans.length === 0) return new Map();
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT CONCAT(table_schema, '.', table_name) AS name, table_rows AS estimate FROM information_schema.tables
     WHERE (table_schema, table_name) IN (?)`,
    [
      plans.map(({ schema: { table } }) => [
        table.slice(0, table.indexOf('.')),
        table.slice(table.indexOf('.') + 1),
      ]),
    ],
  );
  return new Map(rows.map((row) => [String(row['name']), Number(row['estimate'] ?? 0)]));
}

/** Which of the tables have a snapshot under way. */
export async function openSnapshots(
  connection: Connection,
  captureSchema: string,
  plans: readonly Pick<TablePlan, 'schema'>[],
): Promise<string[]> {
  const rows = await captureRows(
    connection,
    captureSchema,
    (table) =>
      `SELECT DISTINCT table_name AS name FROM ${table('snapshot_job')} WHERE state IN ('queued', 'running', 'paused')`,
  );
  const names = new Set(rows.map((row) => String(row['name'])));
  return plans.map(({ schema }) => schema.table).filter((table) => names.has(table));
}
