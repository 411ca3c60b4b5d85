import type { Column, WireValue } from './column';
import { wktOf } from './wkb';

/**
 * The Redis text of a wire value (docs/type-mapping.md); binary columns give their bytes. NULL has no text: the
 * field is absent.
 */
export function redisValue(column: Column, value: Exclude<WireValue, null>): string | Buffer {
  switch (column.kind) {
    case 'binary':
      return Buffer.from(value as string, 'base64');
    case 'geometry':
      return wktOf(Buffer.from(value as string, 'base64'));
    case 'bit':
      return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
    case 'float':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'int':
    case 'year':
    case 'bigint':
    case 'decimal':
    case 'date':
    case 'datetime':
    case 'timestamp':
    case 'time':
    case 'text':
    case 'enum':
    case 'set':
    case 'json':
      return String(value);
  }
}

/**
 * The text of one key value as it stands in `_id`s of composite keys and in Redis keys: the Redis text, binary
 * in lower-case hex, with `%` and `:` percent-encoded so that the parts stay apart.
 */
export function keyText(column: Column, value: WireValue): string {
  if (value === null) return '';
  const text = redisValue(column, value);
  return typeof text === 'string'
    ? text.replace(/[%:]/g, (c) => (c === '%' ? '%25' : '%3A'))
    : text.toString('hex');
}

/** The key of a row as one text, `v1[:v2...]`. */
export function rowKeyText(columns: readonly Column[], key: Readonly<Record<string, WireValue>>): string {
  if (columns.length === 1) return keyText(columns[0]!, key[columns[0]!.field] ?? null);
  return columns.map((column) => keyText(column, key[column.field] ?? null)).join(':');
}
