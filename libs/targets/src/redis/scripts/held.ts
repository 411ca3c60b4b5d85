import type { TableSettings } from '@tributary/sync-config';

export type Layout = TableSettings['redis']['as'];

/**
 * `proper(text)`: the text when it is a version as sinks write them, else false. Texts of another form are compared with
 * nothing: the text `1` stands above every version, and its row would take no change any more.
 */
export const proper = `
local function proper(text)
  if not text or #text ~= 19 or string.find(text, '%D') or text > '9223372036854775807' then return false end
  return text
end
`;

/**
 * Where each layout keeps the version of a row: `held(key)` answers it, false when there is none, or nil and an error
 * when another program's value of another type stands there. Needs `proper`.
 */
export const held: Record<Layout, string> = {
  hash: `
local function held(key)
  local version = redis.pcall('HGET', key, '_v')
  if type(version) == 'table' then return nil, version.err end
  return proper(version)
end
`,
  fields: `
local function held(key)
  local version = redis.pcall('GET', key .. ':_v')
  if type(version) == 'table' then return nil, version.err end
  return proper(version)
end
`,
  json: `
local function held(key)
  local head = redis.pcall('GETRANGE', key, 0, 26)
  if type(head) == 'table' then return nil, head.err end
  return proper(string.match(head, '^{"_v":"(%d+)"$'))
end
`,
};
