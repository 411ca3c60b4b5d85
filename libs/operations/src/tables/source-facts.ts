import type { Connection, TablePlan } from '@tributary/capture';
import { quoteIdentifier } from '@tributary/capture';
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

/** ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE, ER_TABLEACCESS_DENIED_ERROR: capture was never installed. */
const notInstalled = new Set([1049, 1146, 1142]);

/** Rows of a capture table; none when capture is not installed. */
export async function captureRows(
  connection: Connection,
  captureSchema: string,
  sql: (table: (name: string) => string) => string,
): Promise<RowDataPacket[]> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      sql((name) => `${quoteIdentifier(captureSchema)}.${quoteIdentifier(name)}`),
    );
    return rows;
  } catch (error) {
    if (notInstalled.has((error as { errno?: number }).errno ?? 0)) return [];
    throw error;
  }
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
