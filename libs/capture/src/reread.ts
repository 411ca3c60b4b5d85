import {
  cellText,
  LARGE_CELL_BYTES,
  type Cell,
  type Column,
  type ColumnKind,
  type RawCell,
} from '@tributary/contract';
import type { Connection } from 'mysql2/promise';
import { isLong } from './column-type';
import type { TablePlan } from './describe';
import { captureExpression } from './expressions';
import { columnOf, keyedRows } from './keyed-rows';
import { execute, selectRaw } from './query';
import { keyOf } from './row-key';

/**
 * Reads one row by the cells of its key, as the cells that its trigger would have logged; `null` when it is gone or
 * outside the table's row filter. Long columns come raw, one by one and in pieces, in one consistent read: no packet
 * limit stands in the way of a row of any size. A large value stays bytes.
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
  const [long, short] = [columns.filter(isLong), columns.filter((column) => !isLong(column))];
  const keyColumns = keyOf(plan);
  const from = keyedRows(plan, [key]);
  const expressions = [
    ...short.map((column) => captureExpression(column, columnOf(plan)(column), plan.flavour)),
    ...long.map((column) => `OCTET_LENGTH(${columnOf(plan)(column)})`),
  ];
  const [row] = await selectRaw(connection, `SELECT ${expressions.join(', ')} ${from}`);
  if (!row) return null;
  const cells = new Map<Column, RawCell>(
    short.map((column, at) => [column, row[at]?.toString('utf8') ?? null]),
  );
  // The column's collation may call another key equal.
  if (keyColumns.some((column, at) => cells.has(column) && cells.get(column) !== key[at])) return null;
  for (const [at, column] of long.entries()) {
    const bytes = row[short.length + at];
    const value = bytes ? await longValue(connection, plan, column, from, Number(bytes.toString())) : null;
    cells.set(column, value);
  }
  return columns.map((column) => cells.get(column) ?? null);
}

const PIECE_BYTES = 3 << 20;
const PIECE_CHARACTERS = 1 << 20;

/**
 * What a large value is read in: bytes of binary data (a multiple of 3, see `LargeCell`), characters of a text. JSON and
 * geometry are no strings to be cut: the server makes their text or bytes as a whole. The other kinds are short.
 */
const pieceSizes: Record<ColumnKind, number | null> = {
  ...{ binary: PIECE_BYTES, text: PIECE_CHARACTERS },
  ...{ json: null, geometry: null },
  ...{ int: null, year: null, bigint: null, decimal: null, float: null, bit: null },
  ...{ date: null, datetime: null, timestamp: null, time: null, enum: null, set: null },
};

async function longValue(
  connection: Connection,
  plan: TablePlan,
  column: Column,
  from: string,
  bytes: number,
): Promise<RawCell> {
  const reference = columnOf(plan)(column);
  const read = async (expression: string) => {
    const [[value = null] = []] = await selectRaw(connection, `SELECT ${expression} ${from}`);
    return value;
  };
  const size = pieceSizes[column.sourceKind];
  if (size === null || bytes <= PIECE_BYTES) {
    const value = await read(reference);
    return value && value.length < LARGE_CELL_BYTES ? cellText(column, [value]) : value && [value];
  }
  const pieces: Buffer[] = [];
  for (let start = 1; ; start += size) {
    const piece = await read(`SUBSTRING(${reference}, ${start}, ${size})`);
    if (!piece || piece.length === 0) return pieces;
    pieces.push(piece);
  }
}
