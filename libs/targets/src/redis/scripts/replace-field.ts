import { script } from './script';

/**
 * Replaces one field of a hash, unless somebody else has changed it.
 *
 * KEYS[1]   the hash
 * ARGV[1]   field
 * ARGV[2]   the text that must stand there; empty: the field must be absent
 * ARGV[3]   the text to put there
 *
 * Returns 1 when it was replaced, else 0.
 */
export const replaceField = script(`
local stands = redis.call('HGET', KEYS[1], ARGV[1])
if (stands or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`);
