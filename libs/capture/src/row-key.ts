import { keyColumns, type Cell, type Column } from '@tributary/contract';
import type { TablePlan } from './describe';
import { textLiteral } from './identifiers';

/** The key columns of a table in key order. */
export const keyOf = (plan: Pick<TablePlan, 'schema'>): Column[] => keyColumns(plan.schema);

/**
 * The condition that finds a row by the cells of its key; `refOf` says where a column stands. Text compares by the
 * column's collation, so the row found may have another key (`a` for `A`): compare its key cells exactly.
 * Runs under `time_zone = '+00:00'`, as every session of `openMysql` does.
 */
export function keyCondition(
  columns: readonly Column[],
  cells: readonly Cell[],
  refOf: (column: Column) => string,
): string {
  return columns
    .map((column, at) => `${refOf(column)} = ${cellLiteral(column, cells[at] ?? null)}`)
    .join(' AND ');
}

/** A cell as an SQL literal of its column's type, exact for every kind that a key may have. */
export function cellLiteral(column: Column, cell: Cell): string {
  if (cell === null) return 'NULL';
  switch (column.sourceKind) {
    case 'int':
    case 'bigint':
    case 'year':
    case 'bit':
    case 'decimal':
      return checked(cell, /^-?\d+(\.\d+)?$/);
    case 'float':
      return checked(Number(cell).toExponential(), /^-?\d(\.\d+)?e[+-]\d+$/);
    case 'date':
    case 'datetime':
    case 'time':
      return `'${checked(cell, /^[-0-9 :.]+$/)}'`;
    case 'timestamp':
      return Number(cell) === 0
        ? `'0000-00-00 00:00:00'`
        : `FROM_UNIXTIME(${checked(cell, /^\d+(\.\d+)?$/)})`;
    case 'binary':
    case 'geometry':
      return cell === '' ? `''` : `X'${checked(cell, /^[0-9A-F]+$/i)}'`;
    case 'text':
    case 'enum':
    case 'set':
    case 'json':
      return textLiteral(cell);
  }
}

/** Cells come from the log, which is not ours alone to write: nothing but the form expected may enter SQL. */
function checked(text: string, form: RegExp): string {
  if (!form.test(text)) throw new RangeError('A key cell does not have the form of its column type');
  return text;
}
