import {
  cellText,
  freeLarge,
  LARGE_CELL_BYTES,
  type Cell,
  type Column,
  type RawCell,
} from '@tributary/change-event';
import type { Connection } from 'mysql2/promise';
import { isLong } from './column-type';
import type { TablePlan } from './describe';
import { captureExpression } from './expressions';
import { quoteIdentifier } from './identifiers';
import { execute, selectRaw } from './query';
import { filterCondition, filterSource } from './row-filter';
import { keyCondition, keyOf } from './row-key';

/**
 * Reads one row by the cells of its key, as the cells that its trigger would have logged; `null` when it is gone or
 * outside the table's row filter. Long columns come raw and one by one, in one consistent read: no packet limit and no
 * string function stands in the way of a row of any size. A value of a mebibyte or more stays bytes.
 */
export async function rereadRow(
  connection: Connection,
  plan: TablePlan,
  key: readonly Cell[],
): Promise<RawCell[] | null> {
  // One statement needs no transaction to be consistent; there can be many rows to read.
  if (!plan.schema.columns.some(isLong)) return readRow(connection, plan, key);
  await execute(connection, 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await execute(connection, 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  try {
    return await readRow(connection, plan, key);
  } finally {
    await execute(connection, 'COMMIT').catch(() => {});
  }
}

async function readRow(
  connection: Connection,
  plan: TablePlan,
  key: readonly Cell[],
): Promise<RawCell[] | null> {
  const { columns } = plan.schema;
  const short = columns.filter((column) => !isLong(column));
  const keyColumns = keyOf(plan);
  const conditions = [keyCondition(keyColumns, key, refTo(plan)), filterCondition(plan)].filter(Boolean);
  const from = `FROM ${filterSource(plan)} WHERE ${conditions.join(' AND ')}`;
  const [row] = await selectRaw(
    connection,
    `SELECT ${short.map((column) => captureExpression(column, refTo(plan)(column), plan.flavour)).join(', ')} ${from}`,
  );
  if (!row) return null;
  const cells = new Map<Column, RawCell>(
    short.map((column, at) => [column, row[at]?.toString('utf8') ?? null]),
  );
  // The column's collation may call another key equal.
  if (keyColumns.some((column, at) => cells.has(column) && cells.get(column) !== key[at])) return null;
  for (const column of columns.filter(isLong)) {
    const [[value = null] = []] = await selectRaw(connection, `SELECT ${refTo(plan)(column)} ${from}`);
    freeLarge(value?.length ?? 0);
    cells.set(column, value && value.length < LARGE_CELL_BYTES ? cellText(column, value) : value);
  }
  return columns.map((column) => cells.get(column) ?? null);
}

const refTo = (plan: TablePlan) => (column: Column) =>
  `${quoteIdentifier(plan.settings.name)}.${quoteIdentifier(column.name)}`;
