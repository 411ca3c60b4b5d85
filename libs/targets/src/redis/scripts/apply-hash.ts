import { applyRows } from './apply-rows';

/**
 * Layout `hash`: one hash for each row, its version in the field `_v`. KEYS, ARGV and result as in apply-rows.
 * A hash without a proper version in `_v` was written by another program and counts as older than everything.
 */
export const applyHash = applyRows(
  'hash',
  `
local own_keys = 1

local function drop(key)
  redis.call('DEL', key)
end

-- HSET takes its fields in portions: Lua's unpack is limited to some 8,000 values.
local function store(key, version, mask, first)
  redis.call('DEL', key)
  local pairs_left = { '_v', version }
  local value = first
  for i = 1, #mask do
    if string.byte(mask, i) == 49 then
      pairs_left[#pairs_left + 1] = names[i]
      pairs_left[#pairs_left + 1] = ARGV[value]
      value = value + 1
      if #pairs_left >= 4000 then
        redis.call('HSET', key, unpack(pairs_left))
        pairs_left = {}
      end
    end
  end
  if #pairs_left > 0 then redis.call('HSET', key, unpack(pairs_left)) end
end
`,
);
