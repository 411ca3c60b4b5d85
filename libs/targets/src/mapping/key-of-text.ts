import type { Column, WireRow, WireValue } from '@tributary/contract';

/** One part of a key text (see `keyText`) as a wire value; `undefined` when no value of the column reads so. */
function keyTextValue(column: Column, part: string): WireValue | undefined {
  if (!keyTextPatterns[column.kind].test(part)) return undefined;
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
      return part.replace(/%(25|3A)/g, (code) => (code === '%25' ? '%' : ':'));
    default:
      return column.kind satisfies never;
  }
}

const digits = /^-?\d+$/;
const temporalText = /^-?[\d:T. Z%A-]+$/;
const anyText = /^/;
const keyTextPatterns: Record<Column['kind'], RegExp> = {
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
  text: anyText,
  enum: anyText,
  set: anyText,
  json: anyText,
  geometry: anyText,
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
