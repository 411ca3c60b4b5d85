import { held, proper, type Layout } from './held';
import { script, type Script } from './script';

/**
 * Tells which rows have a version below a floor, in one call for many of them.
 *
 * KEYS      keys of rows
 * ARGV[1]   the floor, 19 digits: text order is numeric order
 *
 * Returns the places in KEYS, from 1, of those below it. A key that holds no version of ours is not among them.
 */
const keysBelow = (layout: Layout) => script(proper, held[layout], search);

const search = `
local below = {}
for at = 1, #KEYS do
  local version, problem = held(KEYS[at])
  if problem and string.sub(problem, 1, 9) ~= 'WRONGTYPE' then return redis.error_reply(problem) end
  if version and version < ARGV[1] then below[#below + 1] = at end
end
return below
`;

export const keysBelowOf: Record<Layout, Script> = {
  hash: keysBelow('hash'),
  fields: keysBelow('fields'),
  json: keysBelow('json'),
};
