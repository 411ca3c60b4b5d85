import type { Column, ColumnKind } from '@tributary/contract';
import type { MongoSettings } from '@tributary/sync-config';
import { DATE_DIGITS, DECIMAL128_DIGITS, LONG_BITS } from './mongo-limits';

/** Types of BSON values by the names that `$jsonSchema` gives them. */
export const bsonTypes = [
  ...(['array', 'binData', 'bool', 'date', 'decimal', 'double', 'int', 'long', 'null', 'object'] as const),
  'string',
] as const;
export type BsonType = (typeof bsonTypes)[number];

/** `any`: a JSON column's value may have every type. */
export type BsonTypes = readonly BsonType[] | 'any';

type Temporal = MongoSettings['temporal'];

/** The types that `toMongo` gives a column's values; `null` where the column may be NULL. */
export function typesOf(column: Column, temporal: Temporal): BsonTypes {
  const types = typesByKind[column.kind](column, temporal);
  return types === 'any' || !column.nullable ? types : [...types, 'null'];
}

/** The types that `toMongoId` gives the only key column's values. */
export function idTypesOf(column: Column, temporal: Temporal): BsonTypes {
  if (column.kind === 'set') return ['string'];
  return typesByKind[column.kind](column, (column.fsp ?? 0) > DATE_DIGITS ? 'string' : temporal);
}

// A day that is none, such as 0000-00-00, stays MySQL's text.
const instant: BsonTypes = ['date', 'string'];
const instantOrText = ({ fsp = 0 }: Column, temporal: Temporal): BsonTypes =>
  temporal === 'date' || (temporal === 'default' && fsp <= DATE_DIGITS) ? instant : ['string'];

const typesByKind: Record<ColumnKind, (column: Column, temporal: Temporal) => BsonTypes> = {
  int: () => ['int', 'long'],
  year: () => ['int', 'long'],
  // Past 2^63 - 1.
  bigint: ({ unsigned }) => (unsigned ? ['long', 'decimal'] : ['long']),
  decimal: ({ precision = DECIMAL128_DIGITS }) => (precision <= DECIMAL128_DIGITS ? ['decimal'] : ['string']),
  float: () => ['double'],
  bit: ({ length = 1 }) => (length === 1 ? ['bool'] : length <= LONG_BITS ? ['long'] : ['binData']),
  date: (_column, temporal) => (temporal === 'date' ? instant : ['string']),
  datetime: instantOrText,
  timestamp: instantOrText,
  time: () => ['string'],
  text: () => ['string'],
  enum: () => ['string'],
  set: () => ['array'],
  binary: () => ['binData'],
  json: () => 'any',
  geometry: () => ['object'],
};
