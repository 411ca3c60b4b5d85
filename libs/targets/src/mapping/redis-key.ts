import {
  fatal,
  keyColumns,
  keyText,
  rowKeyText,
  type RowSchema,
  type WireRow,
} from '@tributary/change-event';
import type { TableSettings } from '@tributary/sync-config';
import { perSchema } from './per-schema';

export interface RedisKeys {
  readonly key: string;
  /** What the index set holds of it. */
  readonly member: string;
}

/** Where one row lives in Redis; `text` is its `rowKeyText`. */
export type RedisKeyOf = (key: WireRow, text: string) => RedisKeys;

/**
 * Compiles the key layout of a table: `database:table:v1[:v2...]`, or the pattern of the sync file. Throws a fatal
 * SyncError `CONFIG` when a pattern names what is no key column, or leaves out one (rows would overwrite each other).
 */
export const redisKeyOf = perSchema((schema, settings): RedisKeyOf => {
  const prefix = `${settings.database}:${settings.name}:`;
  if (settings.redis.key === undefined) return (_key, text) => ({ key: prefix + text, member: text });
  const parts = patternParts(schema, settings, settings.redis.key);
  const memberOf = patternMember(settings, prefix);
  return (row) => {
    const key = parts.map((part) => (typeof part === 'string' ? part : part(row))).join('');
    return { key, member: memberOf(key) };
  };
});

/**
 * The way back from an index member to the key it can stand for, without a wire key: with the default layout exactly
 * one, with a pattern every one that fits it. A place of a pattern holds no colon (`keyText` encodes it).
 */
export const redisKeysOfMember = perSchema((schema, settings): ((member: string) => RedisKeys[]) => {
  const prefix = `${settings.database}:${settings.name}:`;
  const pattern = settings.redis.key;
  if (pattern === undefined) return (member) => [{ key: prefix + member, member }];
  const heads = memberHeads(settings, prefix);
  const places = patternParts(schema, settings, pattern).map((part) =>
    typeof part === 'string' ? part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : '[^:]*',
  );
  const fits = new RegExp(`^${places.join('')}$`, 's');
  const memberOf = patternMember(settings, prefix);
  return (member) =>
    [...new Set([...heads.map((head) => head + member), member])]
      .filter((key) => fits.test(key) && memberOf(key) === member)
      .map((key) => ({ key, member }));
});

const memberHeads = ({ redis }: TableSettings, prefix: string) => [`${redis.index}:`, prefix];

/** What the index set holds of a key that a pattern made. */
function patternMember(settings: TableSettings, prefix: string): (key: string) => string {
  const heads = memberHeads(settings, prefix);
  return (key) => {
    const head = heads.find((text) => key.startsWith(text));
    return head === undefined ? key : key.slice(head.length);
  };
}

/** The Redis key of a row (contract section 3). */
export function redisKey(settings: TableSettings, schema: RowSchema, key: WireRow): string {
  return redisKeyOf(schema, settings)(key, rowKeyText(keyColumns(schema), key)).key;
}

/** What the table's index set holds of that key: the part after `<index>:`, or after `database:table:`, else all of it. */
export function redisIndexMember(settings: TableSettings, schema: RowSchema, key: WireRow): string {
  return redisKeyOf(schema, settings)(key, rowKeyText(keyColumns(schema), key)).member;
}

function patternParts(
  schema: RowSchema,
  settings: TableSettings,
  pattern: string,
): (string | ((row: WireRow) => string))[] {
  const columns = keyColumns(schema);
  const used = new Set<string>();
  const parts = pattern.split(/\{([^{}]*)\}/).map((part, at) => {
    if (at % 2 === 0) return part;
    const column = columns.find(({ name, field }) => name === part || field === part);
    if (!column)
      throw fatal(
        'CONFIG',
        `The sync file's redis.key of ${settings.table} names {${part}}, which is no key column: use ${braced(schema.key)} only, because a delete brings nothing else.`,
      );
    used.add(column.field);
    return (row: WireRow) => keyText(column, row[column.field] ?? null);
  });
  const missing = schema.key.filter((field) => !used.has(field));
  if (missing.length > 0)
    throw fatal(
      'CONFIG',
      `The sync file's redis.key of ${settings.table} lacks ${braced(missing)}: rows that differ only there would overwrite each other.`,
    );
  return parts;
}

const braced = (fields: readonly string[]) => fields.map((field) => `{${field}}`).join(', ');
