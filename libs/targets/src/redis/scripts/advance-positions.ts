import { script } from './script';

/**
 * Moves applied positions forward, each unless the target has lost its tail (R12).
 *
 * KEYS[1]   hash of positions of a consumer group
 * ARGV      for each partition three:
 *           its field; the offset that must stand there at least, empty: none is expected; the next offset to apply
 *
 * Returns one item for each partition: 1 when its position is at the next offset or beyond; otherwise the position that
 * stands there, or an empty text when there is none, and nothing is written. Offsets stay below 2^53, where Lua's
 * numbers are exact.
 */
export const advancePositions = script(`
local results = {}
for at = 1, #ARGV, 3 do
  local field, expected, next = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local stands = redis.call('HGET', KEYS[1], field)
  if expected ~= '' and not (stands and tonumber(stands) >= tonumber(expected)) then
    results[#results + 1] = stands or ''
  else
    if not stands or tonumber(stands) < tonumber(next) then redis.call('HSET', KEYS[1], field, next) end
    results[#results + 1] = 1
  end
end
return results
`);
