import {
  redisValue,
  type Column,
  type RowSchema,
  type Version,
  type WireRow,
  type WireValue,
} from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import { perSchema } from './per-schema';
import { targetFields } from './target-field';
import { UnmappableError } from './unmappable';

export type RedisText = string | Buffer;

export interface RedisMapper {
  /** Field names in column order. */
  readonly names: readonly string[];
  /** Appends the values of non-NULL columns in column order; returns which these are: `1` or `0` for each name. */
  values(row: WireRow, into: RedisText[]): string;
  /** The whole row as one JSON text, which begins `{"_v":"<version>"` so that a script can read it without parsing. */
  json(row: WireRow, version: Version): string;
}

const reservedFields = new Set(['_v']);

/** The mapper of a table's rows into Redis texts, compiled once per schema and settings. */
export const redisMapper = perSchema((schema): RedisMapper => {
  const names = targetFields(schema, reservedFields);
  const full = '1'.repeat(names.length);
  const texts = schema.columns.map((column) => ({ from: column.field, to: textOf(column) }));
  const members = schema.columns.map((column, at) => ({
    from: column.field,
    head: `,${JSON.stringify(names[at])}:`,
    to: jsonOf(column),
  }));
  return {
    names,
    values(row, into) {
      let bits: string[] | undefined;
      for (let at = 0; at < texts.length; at += 1) {
        const { from, to } = texts[at]!;
        const value = cell(row, from);
        if (value === null) (bits ??= [...full])[at] = '0';
        else into.push(to(value));
      }
      return bits ? bits.join('') : full;
    },
    json(row, version) {
      let text = `{"_v":"${version}"`;
      for (const { from, head, to } of members) {
        const value = cell(row, from);
        if (value !== null) text += head + to(value);
      }
      return `${text}}`;
    },
  };
});

/** What a row is in Redis (docs/type-mapping.md), by layout: its fields with their texts, or the one JSON text. */
export function redisFields(
  schema: RowSchema,
  settings: TableSettings,
  row: WireRow,
  version: Version,
): { readonly fields: ReadonlyMap<string, RedisText> } | { readonly json: string } {
  const mapper = redisMapper(schema, settings);
  if (settings.redis.as === 'json') return { json: mapper.json(row, version) };
  const values: RedisText[] = [];
  const mask = mapper.values(row, values);
  const present = mapper.names.filter((_name, at) => mask[at] === '1');
  return { fields: new Map([...present.map((name, at) => [name, values[at]!] as const), ['_v', version]]) };
}

function cell(row: WireRow, from: string): WireValue {
  const value = row[from];
  if (value === undefined) throw new UnmappableError(`the row image lacks the column ${from}`);
  return value;
}

type To<T> = (value: Exclude<WireValue, null>) => T;

/** Of a kind whose wire value reads in Redis as it stands, or as JavaScript writes it. */
const asWritten: To<string> = (value) => (typeof value === 'string' ? value : String(value));

function textOf(column: Column): To<RedisText> {
  switch (column.kind) {
    case 'int':
    case 'bigint':
    case 'year':
    case 'decimal':
    case 'text':
    case 'enum':
    case 'set':
    case 'json':
      return asWritten;
    case 'float':
    case 'bit':
    case 'binary':
    case 'date':
    case 'datetime':
    case 'timestamp':
    case 'time':
      return (value) => redisValue(column, value);
    case 'geometry':
      return (value) => wellKnownText(column, value);
  }
}

function wellKnownText(column: Column, value: Exclude<WireValue, null>): RedisText {
  try {
    return redisValue(column, value);
  } catch (error) {
    throw new UnmappableError(`a geometry value cannot be read: ${(error as Error).message}`);
  }
}

const wireJson: To<string> = (value) => (Object.is(value, -0) ? '-0' : JSON.stringify(value));

/** In a JSON text a value is its wire form; a JSON column is embedded as it stands, a geometry is its WKT. */
function jsonOf(column: Column): To<string> {
  switch (column.kind) {
    case 'json':
      return (value) => embedded(value as string);
    case 'geometry':
      return (value) => JSON.stringify(wellKnownText(column, value));
    case 'int':
    case 'bigint':
    case 'year':
    case 'decimal':
    case 'float':
    case 'bit':
    case 'date':
    case 'datetime':
    case 'timestamp':
    case 'time':
    case 'text':
    case 'enum':
    case 'set':
    case 'binary':
      return wireJson;
  }
}

function embedded(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
