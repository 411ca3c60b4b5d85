import { script } from './script';

/**
 * Writes records of places, unless somebody has written one since they were read: places can collide without having a
 * name in common, so one mark stands for all of them.
 *
 * KEYS[1]      hash of records
 * KEYS[2]      the mark
 * ARGV[1]      the mark that must stand there; empty: none
 * ARGV[2]      the next mark
 * ARGV[3..]    field and text of each record; an empty text: no owner
 *
 * Returns 1 when they were written, else 0.
 */
export const writePlaces = script(`
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
for at = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
redis.call('SET', KEYS[2], ARGV[2])
return 1
`);
