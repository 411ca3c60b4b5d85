import { keyColumns, keyText, rowKeyText, type RowSchema, type WireRow } from '@tributary/contract';
import { fatal } from '@tributary/kernel';
import { placeText, redisKeyPattern, type TableSettings } from '@tributary/sync-config';
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
 * SyncError `CONFIG` when a pattern names what is no key column, leaves out one or does not keep them apart (rows would
 * overwrite each other).
 */
export const redisKeyOf = perSchema((schema, settings): RedisKeyOf => {
  const prefix = `${settings.database}:${settings.name}:`;
  if (settings.redis.key === undefined) return (_key, text) => ({ key: prefix + text, member: text });
  const parts = patternParts(schema, settings, settings.redis.key);
  const head = memberHead(settings, prefix, settings.redis.key);
  return (row) => {
    const key = parts.map((part) => (typeof part === 'string' ? part : part(row))).join('');
    return { key, member: key.slice(head.length) };
  };
});

/**
 * The way back from an index member to the key it can stand for, without a wire key: with the default layout exactly
 * one, with a pattern every one that fits it. A place holds no colon (`keyText` encodes it); the pattern's other
 * separators are not asked for, so that keys of an older form are found and swept too.
 */
export const redisKeysOfMember = perSchema((schema, settings): ((member: string) => RedisKeys[]) => {
  const prefix = `${settings.database}:${settings.name}:`;
  const pattern = settings.redis.key;
  if (pattern === undefined) return (member) => [{ key: prefix + member, member }];
  const head = memberHead(settings, prefix, pattern);
  const places = patternParts(schema, settings, pattern).map((part) =>
    typeof part === 'string' ? part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : '[^:]*',
  );
  const fits = new RegExp(`^${places.join('')}$`, 's');
  return (member) => [head + member].filter((key) => fits.test(key)).map((key) => ({ key, member }));
});

/**
 * What all keys of a pattern begin with and the index set leaves out. It must stand in the pattern itself: where a
 * value may read so, two keys would be one member.
 */
function memberHead({ redis }: TableSettings, prefix: string, pattern: string): string {
  const [first] = redisKeyPattern(pattern).parts;
  const fixed = typeof first === 'string' ? first : '';
  return [`${redis.index}:`, prefix].find((head) => fixed.startsWith(head)) ?? '';
}

/** The Redis key of a row (docs/type-mapping.md). */
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
  const read = redisKeyPattern(pattern);
  if (read.fault !== null)
    throw fatal('CONFIG', `The sync file's redis.key of ${settings.table} is not usable: ${read.fault}.`);
  const parts = read.parts.map((part) => {
    if (typeof part === 'string') return part;
    const { place } = part;
    const column = columns.find(({ name, field }) => name === place || field === place);
    if (!column)
      throw fatal(
        'CONFIG',
        `The sync file's redis.key of ${settings.table} names {${place}}, which is no key column: use ${braced(schema.key)} only, because a delete brings nothing else.`,
      );
    used.add(column.field);
    return (row: WireRow) => placeText(keyText(column, row[column.field] ?? null), read);
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
