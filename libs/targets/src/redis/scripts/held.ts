import type { TableSettings } from '@tributary/sync-config';

export type Layout = TableSettings['redis']['as'];

/**
 * Where each layout keeps the version of a row: `held(key)` answers it, false when there is none, or nil and an error
 * when another program's value of another type stands there.
 */
export const held: Record<Layout, string> = {
  hash: `
local function held(key)
  local version = redis.pcall('HGET', key, '_v')
  if type(version) == 'table' then return nil, version.err end
  return version
end
`,
  fields: `
local function held(key)
  local version = redis.pcall('GET', key .. ':_v')
  if type(version) == 'table' then return nil, version.err end
  return version
end
`,
  json: `
local function held(key)
  local head = redis.pcall('GETRANGE', key, 0, 26)
  if type(head) == 'table' then return nil, head.err end
  return string.match(head, '^{"_v":"(%d+)"$') or false
end
`,
};
