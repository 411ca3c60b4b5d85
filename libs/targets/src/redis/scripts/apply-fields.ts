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
local known = call('SMEMBERS', KEYS[2])

local function drop(key)
  remove(key .. ':_v')
  for _, name in ipairs(known) do remove(key .. ':' .. name) end
end

-- The names that a list of columns lacks.
local lacks = {}
local function lacking(columns)
  local names_lacking = lacks[columns]
  if not names_lacking then
    local has = {}
    for _, name in ipairs(columns) do has[name] = true end
    names_lacking = {}
    for _, name in ipairs(known) do
      if not has[name] then names_lacking[#names_lacking + 1] = name end
    end
    lacks[columns] = names_lacking
  end
  return names_lacking
end

local function store(key, version, columns, first)
  call('SET', key .. ':_v', version)
  for i, name in ipairs(columns) do call('SET', key .. ':' .. name, ARGV[first + i - 1]) end
  for _, name in ipairs(lacking(columns)) do remove(key .. ':' .. name) end
end

local seen = {}
for _, name in ipairs(known) do seen[name] = true end
for _, name in ipairs(names) do
  if not seen[name] then
    call('SADD', KEYS[2], name)
    known[#known + 1] = name
  end
end
`,
);
