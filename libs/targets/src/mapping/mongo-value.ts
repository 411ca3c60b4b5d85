import type { Column, ColumnKind, WireValue } from '@tributary/contract';
import type { MongoSettings } from '@tributary/sync-config';
import { Binary, type Decimal128, type Double, type Long } from './bson';
import { decimalOf, doubleOf, longOf, wholeNumber } from './exact-number';
import { geoJson } from './geo-json';
import { instantOf, mysqlText } from './instant';
import { jsonValue } from './json-document';
import { DATE_DIGITS, DECIMAL128_DIGITS, LONG_BITS } from './mongo-limits';

export type MongoScalar = string | number | boolean | Date | Long | Double | Decimal128 | Binary;
export type ToMongo = (value: Exclude<WireValue, null>) => unknown;

/** Compiles the conversion of one column's values to BSON (docs/type-mapping.md). */
export function toMongo(column: Column, temporal: MongoSettings['temporal']): ToMongo {
  return (converters[column.kind] as (column: Column, temporal: MongoSettings['temporal']) => ToMongo)(
    column,
    temporal,
  );
}

/**
 * The same for a key column that is the `_id`: must tell apart what MySQL tells apart, so digits past milliseconds
 * are never cut off, and must be no array, which MongoDB refuses as `_id`.
 */
export function toMongoId(column: Column, temporal: MongoSettings['temporal']): ToMongo {
  if (column.kind === 'set') return asIs;
  return toMongo(column, (column.fsp ?? 0) > DATE_DIGITS ? 'string' : temporal);
}

const asIs: ToMongo = (value) => value;
const binaryOf = (value: string) => new Binary(Buffer.from(value, 'base64'));

const converters = {
  int: () => wholeNumber,
  year: () => wholeNumber,
  bigint: () => longOf,
  decimal: ({ precision = DECIMAL128_DIGITS }) => (precision <= DECIMAL128_DIGITS ? decimalOf : asIs),
  float: () => doubleOf,
  bit: ({ length = 1 }) => (length === 1 ? asIs : length <= LONG_BITS ? longOf : bitBytes(length)),
  date: (_column, temporal) => (temporal === 'date' ? instant : asIs),
  datetime: instantOrText,
  timestamp: instantOrText,
  time: () => asIs,
  text: () => asIs,
  enum: () => asIs,
  set: () => (value: string) => (value === '' ? [] : value.split(',')),
  binary: () => binaryOf,
  json: () => jsonValue,
  geometry: () => geoJson,
} satisfies Record<ColumnKind, (column: Column, temporal: MongoSettings['temporal']) => unknown>;

function instant(text: string): Date | string {
  return instantOf(text) ?? mysqlText(text);
}

function instantOrText({ fsp = 0 }: Column, temporal: MongoSettings['temporal']): unknown {
  if (temporal === 'date' || (temporal === 'default' && fsp <= DATE_DIGITS)) return instant;
  return asIs;
}

/** BIT columns wider than a Long: their bytes, most significant first, as MySQL stores them. */
function bitBytes(bits: number): (digits: string) => Binary {
  const hexDigits = Math.ceil(bits / 8) * 2;
  return (digits) => new Binary(Buffer.from(BigInt(digits).toString(16).padStart(hexDigits, '0'), 'hex'));
}
