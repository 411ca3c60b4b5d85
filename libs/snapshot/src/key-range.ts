import { cellLiteral, quoteIdentifier } from '@tributary/capture';
import { type Cell, type Column } from '@tributary/contract';
import { fatal } from '@tributary/kernel';

/** A key as capture cells in key order; a chunk holds the rows with `lower < key <= upper`, `null` being open. */
export type KeyBound = readonly Cell[] | null;

/**
 * The condition for the rows of a key range, to be compared by the server in the key's own collation. The form
 * `a > x OR (a = x AND (b > y OR ...))` is what both servers turn into a range over the whole key; a row constructor
 * is not, and without `a = x` the range would hold every row of the leading column's value.
 */
export function rangeCondition(key: readonly Column[], lower: KeyBound, upper: KeyBound): string {
  const parts = [lower && beyond(key, lower, '>', '>'), upper && beyond(key, upper, '<', '<=')].filter(
    Boolean,
  );
  return parts.length === 0 ? 'TRUE' : parts.map((part) => `(${part})`).join(' AND ');
}

type Comparison = '>' | '<' | '<=' | '=';

function beyond(key: readonly Column[], bound: readonly Cell[], strict: '>' | '<', last: Comparison): string {
  const [column, ...rest] = key;
  const [cell, ...restCells] = bound;
  if (rest.length === 0) return comparison(column!, last, cell!);
  const within = `${comparison(column!, '=', cell!)} AND (${beyond(rest, restCells, strict, last)})`;
  return `${comparison(column!, strict, cell!)} OR (${within})`;
}

/** By their names alone ENUM and SET sort by number, which is the order of their index. */
export const keyOrder = (key: readonly Column[]): string =>
  key.map(({ name }) => quoteIdentifier(name)).join(', ');

/** Whether a bound of this column is the member's number instead of its capture cell: so it sorts. */
export const boundByNumber = (column: Column): boolean => column.kind === 'enum' || column.kind === 'set';

/** An ENUM with more members is compared by number without its index. */
const LISTED_MEMBERS = 1_000;

function comparison(column: Column, operator: Comparison, cell: Cell): string {
  const name = quoteIdentifier(column.name);
  if (!boundByNumber(column)) return `${name} ${operator} ${cellLiteral(column, cell)}`;
  if (cell === null || !/^\d+$/.test(cell))
    throw new RangeError(`Not a member number: key column ${column.name}`);
  const members = column.values?.length ?? Infinity;
  if (column.kind === 'set' || members > LISTED_MEMBERS) return `(${name} + 0) ${operator} ${cell}`;
  // An index finds the members of an ENUM by equality only. Number 0 is the value that was none of them.
  const numbers = Array.from({ length: members + 1 }, (_, number) => number).filter((number) =>
    holds(number, operator, Number(cell)),
  );
  return numbers.length === 0 ? 'FALSE' : `${name} IN (${numbers.join(', ')})`;
}

function holds(a: number, operator: Comparison, b: number): boolean {
  if (operator === '>') return a > b;
  if (operator === '=') return a === b;
  return operator === '<' ? a < b : a <= b;
}

/** The last finished key as it is stored with a job; throws a fatal SyncError for a text that is none of the table. */
export function parseKeyBound(text: string | null, key: readonly Column[]): KeyBound {
  if (text === null) return null;
  const cells = parsed(text);
  if (!Array.isArray(cells) || cells.length !== key.length)
    throw fatal('SNAPSHOT', `A snapshot job's last key is not a key of its table: ${text.slice(0, 80)}`);
  return cells as Cell[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
