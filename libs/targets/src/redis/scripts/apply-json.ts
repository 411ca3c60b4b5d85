import { applyRows } from './apply-rows';

/**
 * Layout `json`: one string for each row, a JSON text that begins `{"_v":"<19 digits>"`, so that the version is
 * read without reading the row. KEYS, ARGV and result as in apply-rows; no field names.
 */
export const applyJson = applyRows(
  'json',
  `
local own_keys = 1

local function drop(key)
  redis.call('DEL', key)
end

local function store(key, version, mask, first)
  redis.call('SET', key, ARGV[first])
end
`,
);
