import { hasErrno, mysqlErrno } from '@tributary/kernel';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { captureTable, type CaptureTable } from './capture-tables';

/** Whether a server says that a table, or its database, is not there. */
export const isMissing = (error: unknown): boolean =>
  hasErrno(error, mysqlErrno.BAD_DB, mysqlErrno.NO_SUCH_TABLE);

/**
 * Whether an error of a statement on the capture schema means that capture is not installed: to an account without a right
 * there a server does not tell whether it exists.
 */
export const isNotInstalled = (error: unknown): boolean =>
  isMissing(error) || hasErrno(error, mysqlErrno.DBACCESS_DENIED, mysqlErrno.TABLEACCESS_DENIED);

/** Rows of capture tables; none when capture is not installed. */
export async function captureRows(
  connection: Connection,
  captureSchema: string,
  sql: (table: (name: CaptureTable) => string) => string,
): Promise<RowDataPacket[]> {
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql((name) => captureTable(captureSchema, name)));
    return rows;
  } catch (error) {
    if (isNotInstalled(error)) return [];
    throw error;
  }
}
