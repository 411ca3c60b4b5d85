import { mongo } from 'mongoose';
import type { ColumnType } from './tables';

/**
 * The comparison's own idea of how a value of MySQL looks in the targets, written apart from the product's mapping:
 * each value becomes one text that says type and content, from the source's text and from what a target holds.
 */

/** From the text that the server sends for a plain SELECT: how the value must stand in MongoDB. */
export function wantedInMongo(type: ColumnType, value: Buffer | null): string {
  if (value === null) return 'null';
  const text = value.toString('utf8');
  switch (type) {
    case 'int':
      return `Int32 ${text}`;
    case 'bigint':
      return BigInt(text) < 2n ** 63n ? `Long ${text}` : `Decimal128 ${text}`;
    case 'decimal':
      return `Decimal128 ${text}`;
    case 'double':
      return `Double ${Number(text)}`;
    case 'datetime3':
      return `Date ${text.replace(' ', 'T')}Z`;
    case 'datetime6':
      return `String ${text.replace(' ', 'T')}`;
    case 'timestamp6':
      return `String ${text.replace(' ', 'T')}Z`;
    case 'binary':
      return `Binary ${value.toString('hex')}`;
    case 'bit1':
      return `Boolean ${value[0] === 1}`;
    case 'set':
      return `Array ${JSON.stringify(text === '' ? [] : text.split(','))}`;
    case 'json':
      return `Object ${sorted(JSON.parse(text))}`;
    case 'text':
      return `String ${text}`;
  }
}

/** The same for Redis: the bytes of the field, as latin1 text; null where there is no field. */
export function wantedInRedis(type: ColumnType, value: Buffer | null): string | null {
  if (value === null) return null;
  const text = value.toString('utf8');
  switch (type) {
    case 'double':
      return String(Number(text));
    case 'datetime3':
    case 'datetime6':
      return text.replace(' ', 'T');
    case 'timestamp6':
      return `${text.replace(' ', 'T')}Z`;
    case 'bit1':
      return String(value[0]);
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'set':
    case 'text':
    case 'json':
    case 'binary':
      return value.toString('latin1');
  }
}

/** What MongoDB holds, read without promotion of types. */
export function foundInMongo(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (value instanceof Date) return `Date ${value.toISOString()}`;
  if (value instanceof mongo.Binary) return `Binary ${Buffer.from(value.buffer).toString('hex')}`;
  if (value instanceof mongo.Double) return `Double ${value.value}`;
  if (value instanceof mongo.Long) return `Long ${value.toString()}`;
  if (value instanceof mongo.Int32) return `Int32 ${value.value}`;
  if (value instanceof mongo.Decimal128) return `Decimal128 ${value.toString()}`;
  if (Array.isArray(value)) return `Array ${JSON.stringify(plain(value))}`;
  if (typeof value === 'object') return `Object ${sorted(plain(value))}`;
  return `${typeof value === 'string' ? 'String' : 'Boolean'} ${String(value)}`;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof mongo.Int32 || value instanceof mongo.Double) return value.value;
  if (value instanceof mongo.Long) return value.toNumber();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

const sorted = (value: unknown) =>
  JSON.stringify(Object.fromEntries(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Key texts percent-encode what separates them. */
export const keyPart = (text: string) => text.replaceAll('%', '%25').replaceAll(':', '%3A');

/** A key column's value as a part of a key text: its Redis text. */
export const keyTextOf = (type: ColumnType, value: Buffer) =>
  keyPart(Buffer.from(wantedInRedis(type, value)!, 'latin1').toString('utf8'));
