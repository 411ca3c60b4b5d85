import { held, proper, type Layout } from './held';
import { script, type Script } from './script';

/**
 * The part that the scripts of all layouts share: one call writes many rows of one table and schema, each row
 * atomically and only over an older version (R4). Beside `held(key)` (see held.ts) a layout defines
 *   own_keys          how many keys stand before the rows' keys in KEYS (the index set is the first of them)
 *   store(...)        writes a row (key, version, mask, position of its first value in ARGV)
 *   drop(key)         removes a row
 *
 * KEYS[1]                       index set of the table
 * KEYS[own_keys + 2i - 1]       key of row i
 * KEYS[own_keys + 2i]           its tombstone
 * ARGV[1]                       seconds that a tombstone is kept
 * ARGV[2], ARGV[3..]            number of field names, the names
 * then for each row:
 *   version                     19 digits: text order is numeric order
 *   member                      what the index set holds of its key
 *   mask                        one 1 or 0 for each field name (layout json: one 1); empty: the row is deleted
 *   values                      one for each 1 of the mask
 *
 * Returns one entry for each row: 1 written, 0 the target holds the same or a newer version, a text: the error of
 * the command that failed, nothing was written then. A row's first write is one that Redis refuses when memory is
 * short (SADD, SET), because later ones of the same script are let through.
 */
export function applyRows(layout: Layout, writes: string): Script {
  return script(arguments_, proper, held[layout], writes, rows);
}

const arguments_ = `
local ttl = ARGV[1]
local names = {}
for i = 1, tonumber(ARGV[2]) do names[i] = ARGV[2 + i] end
local cursor = 3 + #names
`;

const rows = `
local function put(key, tombstone, version, member, mask, first)
  local current, problem = held(key)
  if problem then return problem end
  local note = redis.pcall('GET', tombstone)
  if type(note) == 'table' then return note.err end
  local buried = proper(note)
  if (current and current >= version) or (buried and buried >= version) then return 0 end
  local added = redis.pcall('SADD', KEYS[1], member)
  if type(added) == 'table' then return added.err end
  store(key, version, mask, first)
  if note then redis.call('DEL', tombstone) end
  return 1
end

local function delete(key, tombstone, version, member)
  local current, problem = held(key)
  if problem then return problem end
  local note = redis.pcall('GET', tombstone)
  if type(note) == 'table' then return note.err end
  local buried = proper(note)
  if (current and current > version) or (buried and buried > version) then return 0 end
  local noted = redis.pcall('SET', tombstone, version, 'EX', ttl)
  if noted.err then return noted.err end
  drop(key)
  local removed = redis.pcall('SREM', KEYS[1], member)
  if type(removed) == 'table' then return removed.err end
  return 1
end

local results = {}
for at = own_keys + 1, #KEYS, 2 do
  local version, member, mask = ARGV[cursor], ARGV[cursor + 1], ARGV[cursor + 2]
  local first = cursor + 3
  cursor = first
  if mask == '' then
    results[#results + 1] = delete(KEYS[at], KEYS[at + 1], version, member)
  else
    for i = 1, #mask do
      if string.byte(mask, i) == 49 then cursor = cursor + 1 end
    end
    results[#results + 1] = put(KEYS[at], KEYS[at + 1], version, member, mask, first)
  end
end
return results
`;
