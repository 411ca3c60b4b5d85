import { keyColumns, type Column, type RowSchema, type WireRow, type WireValue } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import { plainNumber } from './exact-number';
import { keyOfText } from './key-of-text';

/** A table's mapping, as far as keys go. */
export interface KeyMapping {
  readonly schema: RowSchema;
  readonly settings: TableSettings;
}

/** A BSON value that was read with its type kept. */
interface Typed {
  readonly _bsontype?: string;
  readonly buffer?: Uint8Array;
}

/** The wire key that a document's `_id` stands for; `undefined` when no row of the table could have it. */
export function keyOfMongoId({ schema, settings }: KeyMapping, id: unknown): WireRow | undefined {
  const columns = keyColumns(schema);
  const [first] = columns;
  if (columns.length === 1) return complete(columns, [valueOf(first!, id)]);
  if (settings.mongo.id === 'scalar') return typeof id === 'string' ? keyOfText(columns, id) : undefined;
  if (typeof id !== 'object' || id === null) return undefined;
  const parts = id as Record<string, unknown>;
  if (Object.keys(parts).length !== columns.length) return undefined;
  return complete(
    columns,
    columns.map((column) => valueOf(column, parts[column.field])),
  );
}

function complete(
  columns: readonly Column[],
  values: readonly (WireValue | undefined)[],
): WireRow | undefined {
  if (values.includes(undefined)) return undefined;
  return Object.fromEntries(columns.map((column, at) => [column.field, values[at]!]));
}

/** The way back of one key value; what it accepts too much is found out by mapping the source's row again. */
function valueOf(column: Column, value: unknown): WireValue | undefined {
  const number = numberText(value);
  switch (column.kind) {
    case 'int':
    case 'year':
    case 'float':
      return number === undefined || !/^-?\d/.test(number) ? undefined : Number(number);
    case 'bigint':
      return number !== undefined && /^-?\d+$/.test(number) ? number : undefined;
    case 'decimal':
      return decimalText(column, number ?? value);
    case 'bit':
      if (column.length === 1) return typeof value === 'boolean' ? value : undefined;
      return number ?? (bytesOf(value) && String(BigInt(`0x${bytesOf(value)!.toString('hex') || '0'}`)));
    case 'binary':
      return bytesOf(value)?.toString('base64');
    case 'date':
    case 'datetime':
    case 'timestamp':
      return temporal(column, value);
    case 'time':
      return typeof value === 'string' && /^-?\d+:\d\d:\d\d(\.\d+)?$/.test(value) ? value : undefined;
    case 'text':
    case 'enum':
    case 'set':
    case 'json':
    case 'geometry':
      return typeof value === 'string' ? value : undefined;
    default:
      return column.kind satisfies never;
  }
}

/** With the digits of the column's scale, as on the wire: a Decimal128 may have lost zeros. */
function decimalText({ scale = 0 }: Column, value: unknown): string | undefined {
  const [, whole, fraction = ''] = /^(-?\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
  if (whole === undefined) return undefined;
  return scale === 0 && fraction === '' ? whole : `${whole}.${fraction.padEnd(scale, '0')}`;
}

const typeOf = (value: unknown) => (value as Typed | null)?._bsontype;

/** The plain digits of a number of any BSON type. */
function numberText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return plainNumber(String(value));
  const type = typeOf(value);
  return type === 'Int32' || type === 'Double' || type === 'Long' || type === 'Decimal128'
    ? plainNumber(String(value))
    : undefined;
}

function bytesOf(value: unknown): Buffer | undefined {
  return typeOf(value) === 'Binary' ? Buffer.from((value as { value(): Uint8Array }).value()) : undefined;
}

const temporalPattern = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?Z?)?$/;

function temporal({ kind, fsp = 0 }: Column, value: unknown): string | undefined {
  if (typeof value === 'string') return temporalPattern.test(value) ? value : undefined;
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return undefined;
  const iso = value.toISOString();
  if (!temporalPattern.test(iso)) return undefined;
  if (kind === 'date') return iso.slice(0, 10);
  const fraction = fsp === 0 ? '' : `.${iso.slice(20, 23).padEnd(fsp, '0').slice(0, fsp)}`;
  return `${iso.slice(0, 19)}${fraction}${kind === 'timestamp' ? 'Z' : ''}`;
}
