import { fatal, timestampText, type Cell, type Column } from '@tributary/change-event';
import { quoteIdentifier } from '@tributary/capture';

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
  const literal = sqlLiteral(column!, cell!);
  if (rest.length === 0) return `${name} ${last} ${literal}`;
  return `${name} ${strict}= ${literal} AND (${name} ${strict} ${literal} OR (${beyond(rest, restCells, strict, last)}))`;
}

export const keyOrder = (key: readonly Column[]): string => key.map(orderExpression).join(', ');

/** ENUM and SET columns sort by number but compare with literals as text: both are done by number. */
function orderExpression(column: Column): string {
  const name = quoteIdentifier(column.name);
  return column.kind === 'enum' || column.kind === 'set' ? `(${name} + 0)` : name;
}

/** What to select of a key column so that `sqlLiteral` can write it down again without loss. */
export const boundByNumber = (column: Column): boolean => column.kind === 'enum' || column.kind === 'set';

/**
 * A key cell as an SQL literal of the column's own type: a quoted number would be compared as a double, which
 * mixes up BIGINT keys past 2^53. Throws a RangeError for a cell that is not of the kind's form.
 */
export function sqlLiteral(column: Column, cell: string): string {
  switch (column.kind) {
    case 'int':
    case 'year':
    case 'bigint':
    case 'decimal':
    case 'float':
    case 'bit':
    case 'enum':
    case 'set':
      if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(cell))
        throw new RangeError(`Not a number: key column ${column.name}`);
      return cell;
    case 'binary':
      if (!/^(?:[0-9A-Fa-f]{2})*$/.test(cell)) throw new RangeError(`Not hex: key column ${column.name}`);
      return `x'${cell}'`;
    case 'timestamp':
      // The session's zone is UTC, so the text names one instant.
      return `'${timestampText(cell, column.fsp ?? 0)
        .replace('T', ' ')
        .replace('Z', '')}'`;
    default:
      // Hex needs no escaping rules, whatever the session's sql_mode.
      return `CONVERT(x'${Buffer.from(cell, 'utf8').toString('hex')}' USING utf8mb4)`;
  }
}

/** The last finished key as it is stored with a job; throws a fatal SyncError for a text that is none. */
export function parseKeyBound(text: string | null): KeyBound {
  if (text === null) return null;
  const cells: unknown = JSON.parse(text);
  if (!Array.isArray(cells))
    throw fatal('SNAPSHOT', `A snapshot job's last key is not a list of cells: ${text.slice(0, 80)}`);
  return cells as Cell[];
}
