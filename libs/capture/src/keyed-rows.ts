import type { Cell, Column } from '@tributary/contract';
import type { TablePlan } from './describe';
import { quoteIdentifier } from './identifiers';
import { filterCondition, filterSource } from './row-filter';
import { cellLiteral, keyCondition, keyOf } from './row-key';

/** Names a column of the table in a query that reads `keyedRows`. */
export const columnOf = ({ settings }: Pick<TablePlan, 'settings'>) => {
  const table = quoteIdentifier(settings.name);
  return ({ name }: Column) => `${table}.${quoteIdentifier(name)}`;
};

/** `FROM ... WHERE ...` for the rows of these keys that the table's row filter lets through. */
export function keyedRows(plan: TablePlan, keys: readonly (readonly Cell[])[]): string {
  const [columns, reference] = [keyOf(plan), columnOf(plan)];
  const rows = keys.map((key) => `(${keyCondition(columns, key, reference)})`).join(' OR ');
  const conditions = [`(${rows})`, filterCondition(plan)].filter(Boolean);
  return `FROM ${filterSource(plan)} WHERE ${conditions.join(' AND ')}`;
}

/** Bounds of a key of one column; both ends belong to the range, `after` does not. */
export interface KeySpan {
  readonly from?: Cell | undefined;
  readonly to?: Cell | undefined;
  readonly after?: Cell | undefined;
}

/** `FROM ... WHERE ... ORDER BY ... LIMIT ...` for the first rows of a span that the table's row filter lets through. */
export function spannedRows(plan: TablePlan, { from, to, after }: KeySpan, limit: number): string {
  const [column] = keyOf(plan);
  const key = columnOf(plan)(column!);
  const bound = (comparison: string, cell: Cell | undefined) =>
    cell === undefined ? '' : `${key} ${comparison} ${cellLiteral(column!, cell)}`;
  const conditions = [bound('>=', from), bound('<=', to), bound('>', after), filterCondition(plan)].filter(
    Boolean,
  );
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return `FROM ${filterSource(plan)} ${where} ORDER BY ${key} LIMIT ${limit}`;
}
