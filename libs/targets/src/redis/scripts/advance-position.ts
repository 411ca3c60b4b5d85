import { script } from './script';

/**
 * Moves the applied position of one partition forward, unless the target has lost its tail (R12).
 *
 * KEYS[1]   hash of positions of a consumer group
 * ARGV[1]   field, the partition
 * ARGV[2]   the offset that must stand there at least; empty: none is expected
 * ARGV[3]   the next offset to apply
 *
 * Returns 1 when the position is at ARGV[3] or beyond; otherwise the position that stands there, or an empty text
 * when there is none, and nothing is written. Offsets stay below 2^53, where Lua's numbers are exact.
 */
export const advancePosition = script(`
local stands = redis.call('HGET', KEYS[1], ARGV[1])
if ARGV[2] ~= '' and not (stands and tonumber(stands) >= tonumber(ARGV[2])) then return stands or '' end
if not stands or tonumber(stands) < tonumber(ARGV[3]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
`);
