import { held, proper, type Layout } from './held';
import { script, type Script } from './script';

/**
 * The part that the scripts of all layouts share: one call writes many rows of one table and schema, each row
 * atomically and only over an older version (R4). All rows are weighed first and written then, so that the index set
 * gains its members by one command, and what has to go goes by one: a command costs the server a third of a
 * microsecond and more before it does anything.
 *
 * Beside `held(key)` (see held.ts) a layout defines
 *   own_keys            how many keys stand before the rows' keys in KEYS (the index set is the first of them)
 *   store(...)          writes a row (key, version, names of the columns that have a value, position in ARGV of the
 *                       first value)
 *   drop(key)           gives the keys of a row that is deleted to `remove`
 *
 * KEYS[1]                       index set of the table
 * KEYS[own_keys + 2i - 1]       key of row i
 * KEYS[own_keys + 2i]           its tombstone
 * ARGV[1]                       seconds that a tombstone is kept
 * ARGV[2], ARGV[3..]            number of field names, the names (layout json: one, of no meaning)
 * then for each row:
 *   version                     19 digits: text order is numeric order
 *   member                      what the index set holds of its key
 *   mask                        one 1 or 0 for each field name; empty: the row is deleted
 *   values                      one for each 1 of the mask
 *
 * Returns one entry for each row: 1 written, 0 the target holds the same or a newer version, a text: the error of
 * the command that failed, nothing was written then. The first write is one that Redis refuses when memory is short
 * (SADD, SET), because later ones of the same script are let through.
 */
export function applyRows(layout: Layout, writes: string): Script {
  return script(arguments_, proper, held[layout], removal, writes, rows);
}

const arguments_ = `
-- Locals: a look at a global costs as much as the work that it is for.
local KEYS, ARGV, call, try = KEYS, ARGV, redis.call, redis.pcall
local ttl = ARGV[1]
local names = {}
for i = 1, tonumber(ARGV[2]) do names[i] = ARGV[2 + i] end
local cursor = 3 + #names

-- Rows that have values in the same columns share the list of these columns' names.
local lists = {}
local function present(mask)
  local list = lists[mask]
  if not list then
    list = {}
    for i = 1, #mask do
      if string.byte(mask, i) == 49 then list[#list + 1] = names[i] end
    end
    lists[mask] = list
  end
  return list
end
`;

const removal = `
local doomed = {}
local function remove(key) doomed[#doomed + 1] = key end
`;

const rows = `
-- What a row has to be above: its own version, else that of its tombstone. A row that is there stands above its
-- tombstone, which went when it was written.
local function standing(key, tombstone)
  local current, problem = held(key)
  if current or problem then return current, problem end
  local note = try('GET', tombstone)
  if type(note) == 'table' then return nil, note.err end
  return proper(note), nil, note
end

local results = {}
-- Of the rows to write, and of those to delete: their places in KEYS, and in ARGV.
local puts, first_of, added, spent = {}, {}, {}, {}
local deletes, lost = {}, {}
local function nth(at) return (at - own_keys + 1) / 2 end

for at = own_keys + 1, #KEYS, 2 do
  local version, member, mask = ARGV[cursor], ARGV[cursor + 1], ARGV[cursor + 2]
  local stands, problem, note = standing(KEYS[at], KEYS[at + 1])
  local result = 1
  if problem then
    result = problem
  elseif stands and (stands > version or (stands == version and mask ~= '')) then
    result = 0
  elseif mask == '' then
    local noted = try('SET', KEYS[at + 1], version, 'EX', ttl)
    if noted.err then
      result = noted.err
    else
      drop(KEYS[at])
      deletes[#deletes + 1] = at
      lost[#lost + 1] = member
    end
  else
    local place = #puts + 1
    puts[place], first_of[place], added[place] = at, cursor, member
    if note then spent[#spent + 1] = KEYS[at + 1] end
  end
  results[nth(at)] = result
  cursor = cursor + 3 + #present(mask)
end

-- The index set cannot be changed: every row that was to change it has failed.
local function blame(places, reply)
  for _, at in ipairs(places) do results[nth(at)] = reply.err end
end

if #puts > 0 then
  local reply = try('SADD', KEYS[1], unpack(added))
  if type(reply) == 'table' then
    blame(puts, reply)
  else
    for place, at in ipairs(puts) do
      local first = first_of[place]
      store(KEYS[at], ARGV[first], present(ARGV[first + 2]), first + 3)
    end
    for _, tombstone in ipairs(spent) do remove(tombstone) end
  end
end
for at = 1, #doomed, 1000 do call('DEL', unpack(doomed, at, math.min(at + 999, #doomed))) end
if #lost > 0 then
  local reply = try('SREM', KEYS[1], unpack(lost))
  if type(reply) == 'table' then blame(deletes, reply) end
end
return results
`;
