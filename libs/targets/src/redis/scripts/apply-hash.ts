import { applyRows } from './apply-rows';

/**
 * Layout `hash`: one hash for each row, its version in the field `_v`. KEYS, ARGV and result as in apply-rows.
 * A hash without a proper version in `_v` was written by another program and counts as older than everything.
 */
export const applyHash = applyRows(
  'hash',
  `
local own_keys = 1
local drop = remove

-- HSET takes its fields in portions: Lua's unpack is limited to some 8,000 values.
local function write(key, pairs, count)
  for at = 1, count, 4000 do call('HSET', key, unpack(pairs, at, math.min(at + 3999, count))) end
end

-- The fields of a list of columns with their names in place, for the values of one row after another.
local forms = {}
local function form(columns)
  local pairs = forms[columns]
  if not pairs then
    pairs = { '_v', '' }
    for i, name in ipairs(columns) do pairs[2 * i + 1] = name end
    forms[columns] = pairs
  end
  return pairs
end

-- The row is written over what is there: to remove it first costs more than to count its fields afterwards, and only a
-- column that has become NULL or is gone leaves more of them than were written.
local function store(key, version, columns, first)
  local pairs, count = form(columns), 2 * #columns + 2
  pairs[2] = version
  for i = 1, #columns do pairs[2 * i + 2] = ARGV[first + i - 1] end
  write(key, pairs, count)
  if call('HLEN', key) * 2 > count then
    call('DEL', key)
    write(key, pairs, count)
  end
end
`,
);
