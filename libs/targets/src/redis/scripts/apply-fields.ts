import { applyRows } from './apply-rows';

/**
 * Layout `fields`: one string for each column, `<key>:<column>`, and the version in `<key>:_v`.
 * KEYS, ARGV and result as in apply-rows, and
 * KEYS[2]   set of all field names that this table ever had: what is to be removed when a value becomes NULL, a
 *           column goes or the row is deleted
 * The strings themselves are not in KEYS (they follow from the row's key), so this layout needs a single server.
 */
export const applyFields = applyRows(
  'fields',
  `
local own_keys = 2
local known = redis.call('SMEMBERS', KEYS[2])

local function drop(key)
  redis.call('DEL', key .. ':_v')
  for _, name in ipairs(known) do redis.call('DEL', key .. ':' .. name) end
end

local function store(key, version, mask, first)
  redis.call('SET', key .. ':_v', version)
  local value, present = first, {}
  for i = 1, #mask do
    if string.byte(mask, i) == 49 then
      present[names[i]] = true
      redis.call('SET', key .. ':' .. names[i], ARGV[value])
      value = value + 1
    end
  end
  for _, name in ipairs(known) do
    if not present[name] then redis.call('DEL', key .. ':' .. name) end
  end
end

local seen = {}
for _, name in ipairs(known) do seen[name] = true end
for _, name in ipairs(names) do
  if not seen[name] then
    redis.call('SADD', KEYS[2], name)
    known[#known + 1] = name
  end
end
`,
);
