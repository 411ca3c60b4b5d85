import { errorNumber } from '@tributary/kernel';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';

/** Rows as objects; alias every information_schema column, since MySQL 8 names them in upper case. */
export async function select<T>(connection: Connection, sql: string, values: unknown[] = []): Promise<T[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, values);
  return rows as T[];
}

/** Rows as arrays of raw bytes: no conversion by the driver. */
export async function selectRaw(
  connection: Connection,
  sql: string,
  values: unknown[] = [],
): Promise<(Buffer | null)[][]> {
  const [rows] = await connection.query<RowDataPacket[][]>({
    sql,
    values,
    rowsAsArray: true,
    typeCast: false,
  });
  return rows as unknown as (Buffer | null)[][];
}

export async function execute(
  connection: Connection,
  sql: string,
  values: unknown[] = [],
): Promise<ResultSetHeader> {
  const [result] = await connection.query<ResultSetHeader>(sql, values);
  return result;
}

/** Whether no server has answered, or its connection is of no use any more. */
export const isLost = (error: unknown) =>
  errorNumber(error) === 0 || (error as { fatal?: boolean }).fatal === true;
