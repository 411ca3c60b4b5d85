import type { Cell, Column } from '@tributary/contract';
import type { TablePlan } from './describe';
import { quoteIdentifier } from './identifiers';
import { filterCondition, filterSource } from './row-filter';
import { keyCondition, keyOf } from './row-key';

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
