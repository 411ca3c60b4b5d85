import { keyColumns, type Cell, type Column } from '@tributary/change-event';
import {
  filterCondition,
  filterSource,
  guardedImage,
  imageExpression,
  keyCondition,
  quoteIdentifier,
  textLiteral,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';

/**
 * Logs the present state of one row, as a change of its own with a version of its own (design section 3, Repair):
 * op r with the image when the source has the row, op d when it has not. The row stays locked until the entry is
 * committed, so the entry takes its true place among the changes of the row. No other row is locked with it, so that
 * an application never meets a deadlock. `connection` must be in no transaction. Gives the id of the entry.
 */
export async function logRepair(
  connection: Connection,
  plan: TablePlan,
  log: { readonly captureSchema: string; readonly shapeId: number },
  key: readonly Cell[],
): Promise<bigint> {
  const columns = keyColumns(plan.schema);
  const reference = (column: Column) =>
    `${quoteIdentifier(plan.settings.name)}.${quoteIdentifier(column.name)}`;
  const conditions = [keyCondition(columns, key, reference), filterCondition(plan)].filter(Boolean);
  const row = `FROM ${filterSource(plan)} WHERE ${conditions.join(' AND ')}`;
  const keyImage = imageExpression(columns, reference, plan.flavour);
  await connection.query('START TRANSACTION');
  try {
    const [found] = await connection.query<RowDataPacket[]>(`SELECT ${keyImage} AS k ${row} FOR UPDATE`);
    const held = found[0]?.['k'] as string | undefined;
    // A key may be equal by collation only: then this very key has no row.
    const present = held !== undefined && sameCells(JSON.parse(held) as Cell[], key);
    const entry = present
      ? `SELECT ${keyImage} AS k, ${guardedImage(plan, reference)} AS a ${row}`
      : `SELECT ${textLiteral(JSON.stringify(key))} AS k, NULL AS a`;
    const op = present ? 'r' : 'd';
    const [{ insertId }] = await connection.query<ResultSetHeader>(
      `INSERT INTO ${quoteIdentifier(log.captureSchema)}.change_log (shape_id, op, row_key, before_image, after_image, crc, at) ` +
        `SELECT ${log.shapeId}, '${op}', k, NULL, a, CRC32(CONCAT(k,'||',IFNULL(a,''))), UTC_TIMESTAMP(6) FROM (${entry}) AS entry`,
    );
    await connection.query('COMMIT');
    return BigInt(insertId);
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

const sameCells = (a: readonly Cell[], b: readonly Cell[]) => a.every((cell, at) => cell === b[at]);
