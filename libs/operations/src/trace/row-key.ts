import {
  keyColumns,
  rowCodec,
  type Cell,
  type Column,
  type RowSchema,
  type WireRow,
} from '@tributary/contract';
import { fatal } from '@tributary/kernel';

/**
 * The key columns' values as a person writes them, in key order, as a wire key: numbers in digits, text as it is, bytes
 * as `0x` and hexadecimal digits, times as MySQL or ISO 8601 writes them (a TIMESTAMP in UTC). Throws a fatal SyncError
 * that names the column.
 */
export function wireKeyOf(schema: RowSchema, texts: readonly string[]): WireRow {
  const columns = keyColumns(schema);
  if (texts.length !== columns.length)
    throw fatal(
      'KEY',
      `The key of ${schema.table} has ${columns.length === 1 ? 'one column' : `${columns.length} columns`} ` +
        `(${columns.map(({ name }) => name).join(', ')}), not ${texts.length}: give a value for each, in this order.`,
    );
  const cells = columns.map((column, at) => cellOf(column, texts[at]!));
  return JSON.parse(rowCodec(schema).key(cells)) as WireRow;
}

function cellOf(column: Column, text: string): Cell {
  switch (column.sourceKind) {
    case 'int':
    case 'bigint':
    case 'year':
    case 'bit':
      return String(BigInt(matched(column, text.trim(), /^-?\d+$/, 'a whole number')));
    case 'decimal':
      return decimal(column, matched(column, text.trim(), /^-?\d+(\.\d+)?$/, 'a decimal number'));
    case 'float':
      return String(Number(matched(column, text.trim(), /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i, 'a number')));
    case 'date':
      return matched(column, text.trim(), /^\d{4}-\d\d-\d\d$/, 'a date like 2026-11-29');
    case 'time':
      return matched(column, text.trim(), /^-?\d+:\d\d:\d\d(\.\d+)?$/, 'a time like 10:15:00');
    case 'datetime':
      return instant(column, text);
    case 'timestamp':
      return epochSeconds(instant(column, text));
    case 'binary':
    case 'geometry':
      return matched(column, text.trim(), /^0x([0-9a-f]{2})*$/i, 'bytes like 0x00ff')
        .slice(2)
        .toUpperCase();
    case 'text':
    case 'enum':
    case 'set':
    case 'json':
      return text;
  }
}

function matched({ name, sqlType }: Column, text: string, form: RegExp, what: string): string {
  if (form.test(text)) return text;
  throw fatal('KEY', `The key column ${name} is ${sqlType}, and "${text}" is not ${what}.`);
}

function decimal({ scale = 0 }: Column, text: string): string {
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  const digits = whole.replace(/^(-?)0+(?=\d)/, '$1');
  return scale === 0 ? digits : `${digits}.${fraction.padEnd(scale, '0')}`;
}

/** `YYYY-MM-DD HH:MM:SS` with as many fractional digits as the column has. */
function instant(column: Column, text: string): string {
  const given = matched(
    column,
    text.trim(),
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?$/,
    'a time like 2026-11-29T10:15:00',
  );
  const [seconds, fraction = ''] = given.replace('T', ' ').replace('Z', '').split('.') as [string, string?];
  return column.fsp ? `${seconds}.${fraction.padEnd(column.fsp, '0')}` : seconds;
}

function epochSeconds(text: string): string {
  const seconds = Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`) / 1000;
  return `${seconds}${text.slice(19)}`;
}
