import {
  keyColumns,
  type Cell,
  type Column,
  type RowSchema,
  type WireRow,
  type WireValue,
} from '@tributary/change-event';

/** The way back from keys as targets hold them to wire values and image cells, to look a row up in the source. */

/** A wire value as the image cell it came from. */
export function cellOf(column: Column, value: WireValue): Cell {
  if (value === null) return null;
  const text = String(value);
  switch (column.kind) {
    case 'bit':
      return typeof value === 'boolean' ? (value ? '1' : '0') : text;
    case 'float':
      return Object.is(value, -0) ? '-0' : text;
    case 'datetime':
      return text.replace('T', ' ');
    case 'timestamp':
      return epochOf(text);
    case 'binary':
    case 'geometry':
      return Buffer.from(text, 'base64').toString('hex').toUpperCase();
    default:
      return text;
  }
}

export function keyCells(schema: RowSchema, key: WireRow): Cell[] {
  return keyColumns(schema).map((column) => cellOf(column, key[column.field] ?? null));
}

/** `YYYY-MM-DDTHH:MM:SS[.f]Z` to seconds since 1970 as MySQL's UNIX_TIMESTAMP writes them; the zero value is 0. */
function epochOf(text: string): string {
  if (!text.endsWith('Z')) return '0';
  return `${Date.parse(`${text.slice(0, 19)}Z`) / 1000}${text.slice(19, -1)}`;
}

/** One part of a key text (see `keyText`) as a wire value; `undefined` when no value of the column reads so. */
export function keyTextValue(column: Column, part: string): WireValue | undefined {
  const pattern = keyTextPatterns[column.kind];
  if (pattern && !pattern.test(part)) return undefined;
  switch (column.kind) {
    case 'int':
    case 'year':
    case 'float':
      return Number(part);
    case 'bit':
      return column.length === 1 ? part === '1' : part;
    case 'binary':
      return Buffer.from(part, 'hex').toString('base64');
    case 'geometry':
      return undefined;
    default:
      return part.replace(/%(25|3A)/g, (code) => (code === '%25' ? '%' : ':'));
  }
}

const digits = /^-?\d+$/;
const temporalText = /^-?[\d:T. Z%A-]+$/;
const keyTextPatterns: Partial<Record<Column['kind'], RegExp>> = {
  int: digits,
  year: digits,
  bigint: digits,
  bit: /^\d+$/,
  decimal: /^-?\d+(\.\d+)?$/,
  float: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/,
  date: temporalText,
  datetime: temporalText,
  timestamp: temporalText,
  time: temporalText,
  binary: /^(?:[0-9a-f]{2})*$/,
};

/** A key text `v1[:v2...]` as the wire key; `undefined` when it cannot be one of this table. */
export function keyOfText(columns: readonly Column[], text: string): WireRow | undefined {
  return keyOfParts(columns, columns.length === 1 ? [text] : text.split(':'));
}

export function keyOfParts(columns: readonly Column[], parts: readonly string[]): WireRow | undefined {
  if (parts.length !== columns.length) return undefined;
  const key: WireRow = {};
  for (const [at, column] of columns.entries()) {
    const value = keyTextValue(column, parts[at]!);
    if (value === undefined) return undefined;
    key[column.field] = value;
  }
  return key;
}
