import {
  keyColumns,
  type Cell,
  type Column,
  type RowSchema,
  type WireRow,
  type WireValue,
} from '@tributary/contract';

/** The way back from wire keys to image cells, to look a row up in the source. */

/** A wire value as the image cell it came from. */
function cellOf(column: Column, value: WireValue): Cell {
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
    case 'int':
    case 'year':
    case 'bigint':
    case 'decimal':
    case 'date':
    case 'time':
    case 'text':
    case 'enum':
    case 'set':
    case 'json':
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
