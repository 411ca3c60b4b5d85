import type { RowSchema, Version } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import type { Redis } from 'ioredis';
import { redisKeysOfMember, type RedisKeys } from '../mapping';
import { redisTrouble } from './redis-error';
import { evaluate } from './scripts/evaluate';
import { keysBelowOf } from './scripts/keys-below';

const BATCH = 500;

/**
 * Walks a table's index set and yields, batch by batch, the rows whose version is below the floor. Keys that hold no
 * version of ours are left out: nobody knows whose they are.
 */
export async function* rowsBelow(
  redis: Redis,
  table: TableSettings,
  schema: RowSchema,
  floor: Version,
): AsyncGenerator<RedisKeys[]> {
  const keysOf = redisKeysOfMember(schema, table);
  const keysBelow = keysBelowOf[table.redis.as];
  try {
    const pages = redis.sscanStream(table.redis.index, { count: BATCH }) as AsyncIterable<string[]>;
    for await (const members of pages)
      for (let at = 0; at < members.length; at += BATCH) {
        const rows = members.slice(at, at + BATCH).flatMap(keysOf);
        const keys = rows.map(({ key }) => key);
        const below = (await evaluate(redis, keysBelow, keys.length, [...keys, floor])) as number[];
        yield below.map((place) => rows[place - 1]!);
      }
  } catch (error) {
    // No set of ours: rows of this table are refused for the same reason, and none can have been written.
    if ((error as Error).message?.startsWith('WRONGTYPE')) return;
    throw redisTrouble(error);
  }
}
