import { cellLiteral, quoteIdentifier } from '@tributary/capture';
import { fatal, type Cell, type Column } from '@tributary/change-event';

/** A key as capture cells in key order; a chunk holds the rows with `lower < key <= upper`, `null` being open. */
export type KeyBound = readonly Cell[] | null;

/**
 * The condition for the rows of a key range, to be compared by the server in the key's own collation. The form
 * `a >= x AND (a > x OR (a = x AND ...))` is what MySQL turns into an index range; a row constructor is not.
 */
export function rangeCondition(key: readonly Column[], lower: KeyBound, upper: KeyBound): string {
  const parts = [lower && beyond(key, lower, '>', '>'), upper && beyond(key, upper, '<', '<=')].filter(
    Boolean,
  );
  return parts.length === 0 ? 'TRUE' : parts.map((part) => `(${part})`).join(' AND ');
}

function beyond(key: readonly Column[], bound: readonly Cell[], strict: '>' | '<', last: string): string {
  const [column, ...rest] = key;
  const [cell, ...restCells] = bound;
  const name = orderExpression(column!);
  const value = literal(column!, cell!);
  if (rest.length === 0) return `${name} ${last} ${value}`;
  return `${name} ${strict}= ${value} AND (${name} ${strict} ${value} OR (${beyond(rest, restCells, strict, last)}))`;
}

export const keyOrder = (key: readonly Column[]): string => key.map(orderExpression).join(', ');

/** ENUM and SET columns sort by number but compare with literals as text: both are done by number. */
function orderExpression(column: Column): string {
  const name = quoteIdentifier(column.name);
  return column.kind === 'enum' || column.kind === 'set' ? `(${name} + 0)` : name;
}

/** Whether a bound of this column is the member's number instead of its capture cell. */
export const boundByNumber = (column: Column): boolean => column.kind === 'enum' || column.kind === 'set';

function literal(column: Column, cell: Cell): string {
  if (!boundByNumber(column)) return cellLiteral(column, cell);
  if (cell === null || !/^\d+$/.test(cell))
    throw new RangeError(`Not a member number: key column ${column.name}`);
  return cell;
}

/** The last finished key as it is stored with a job; throws a fatal SyncError for a text that is none. */
export function parseKeyBound(text: string | null): KeyBound {
  if (text === null) return null;
  const cells: unknown = JSON.parse(text);
  if (!Array.isArray(cells))
    throw fatal('SNAPSHOT', `A snapshot job's last key is not a list of cells: ${text.slice(0, 80)}`);
  return cells as Cell[];
}
