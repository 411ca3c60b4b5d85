import { createHash } from 'node:crypto';
import { NO_VERSION, type RowSchema, type WireRow } from '@tributary/contract';
import { redisMapper, type RedisText } from '../../mapping';
import type { TableSettings } from '@tributary/sync-config';
import type { ViewedTable } from '../../target-view';

/** Hexadecimal digits of one row's digest. */
export const DIGEST = 40;

/**
 * `digest(key)`: SHA-1 of a row as Redis holds it, so that its values need not be sent; dashes when the row is not there, is of another
 * type or has fields beyond the names. `spent` counts the bytes of values that it has read.
 *
 * ARGV[1]            layout: hash, json or fields; text: the key is a string of its own
 * ARGV[2], ARGV[3..] number of field names, the names; further arguments begin at ARGV[further]
 */
export const rowDigest = `
local layout, names, spent = ARGV[1], {}, 0
for i = 1, tonumber(ARGV[2]) do names[i] = ARGV[2 + i] end
local further = 3 + #names
local none = string.rep('-', ${DIGEST})
local function values(key, from, to)
  local asked = {}
  for i = from, to do asked[#asked + 1] = layout == 'hash' and names[i] or key .. ':' .. names[i] end
  if layout == 'hash' then return redis.pcall('HMGET', key, unpack(asked)) end
  return redis.pcall('MGET', unpack(asked))
end
local function digest(key)
  if layout == 'json' or layout == 'text' then
    local text = redis.pcall('GET', key)
    if type(text) ~= 'string' then return none end
    spent = spent + #text
    if layout == 'json' then text = string.gsub(text, '^{"_v":"%d+",?', '{', 1) end
    return redis.sha1hex(text)
  end
  local parts, present = {}, 0
  -- In portions: Lua's unpack is limited to some 8,000 values.
  for from = 1, #names, 4000 do
    local held = values(key, from, math.min(#names, from + 3999))
    if held.err then return none end
    for i = 1, #held do
      local value = held[i]
      if value then
        present = present + 1
        spent = spent + #value
        parts[#parts + 1] = #value .. ':' .. value
      else
        parts[#parts + 1] = '-'
      end
    end
  end
  if layout == 'hash' and redis.call('HLEN', key) ~= present + redis.call('HEXISTS', key, '_v') then return none end
  if present == 0 then return none end
  return redis.sha1hex(table.concat(parts))
end
`;

/**
 * Digests of rows, which must stand in the index set too.
 *
 * KEYS[1]   index set of the table
 * KEYS[2..] keys of the rows
 * ARGV      as `rowDigest` says; then for each row what the index set holds of its key
 *
 * Returns one text with 40 characters for each row: its digest, or dashes, also when it is not in the index set.
 */
export const digestScript = `
${rowDigest}
local digests = {}
for at = 2, #KEYS do
  local indexed = redis.pcall('SISMEMBER', KEYS[1], ARGV[further + at - 2])
  digests[at - 1] = indexed == 1 and digest(KEYS[at]) or none
end
return table.concat(digests)
`;

/** What every script with `rowDigest` is told of a table. */
export function digestHead({ schema, settings }: ViewedTable): readonly string[] {
  const names = settings.redis.as === 'json' ? [] : redisMapper(schema, settings).names;
  return [settings.redis.as, String(names.length), ...names];
}

/** The digest that a row's script answer must have; throws an UnmappableError. */
export function expectedDigest(schema: RowSchema, settings: TableSettings, row: WireRow): string {
  const mapper = redisMapper(schema, settings);
  if (settings.redis.as === 'json') return sha1([withoutVersion(mapper.json(row, NO_VERSION))]);
  const values: RedisText[] = [];
  const mask = mapper.values(row, values);
  const parts: RedisText[] = [];
  let text = '';
  let next = 0;
  for (let at = 0; at < mask.length; at += 1) {
    const value = mask[at] === '1' ? values[next++]! : null;
    if (value === null) text += '-';
    else if (typeof value === 'string') text += `${Buffer.byteLength(value)}:${value}`;
    else {
      parts.push(`${text}${value.length}:`, value);
      text = '';
    }
  }
  return sha1([...parts, text]);
}

/** A row's JSON text without its first member, the version. */
export const withoutVersion = (json: string) => json.replace(/^\{"_v":"\d*",?/, '{');

export function sha1(parts: readonly RedisText[]): string {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
