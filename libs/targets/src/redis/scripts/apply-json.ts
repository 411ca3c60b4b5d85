import { applyRows } from './apply-rows';

/**
 * Layout `json`: one string for each row, a JSON text that begins `{"_v":"<19 digits>"`, so that the version is
 * read without reading the row. KEYS, ARGV and result as in apply-rows; the one field name stands for the text.
 */
export const applyJson = applyRows(
  'json',
  `
local own_keys = 1
local drop = remove

local function store(key, version, columns, first)
  call('SET', key, ARGV[first])
end
`,
);
