import { parseVersion } from '@tributary/contract';
import type { ChainableCommander, Redis } from 'ioredis';
import { redisKeyOf } from '../mapping';
import { namedBy } from '../sink/table-fitness';
import { higher, type RowRef, type VersionReader } from '../version-reader';
import { redisMisfit } from './redis-misfit';
import { redisTrouble } from './redis-error';
import { tombstoneKey } from './row-keys';

/** Versions that Redis holds: where the layout of a table keeps them, and tombstones. */
export class RedisVersions implements VersionReader {
  constructor(private readonly redis: Redis) {}

  async versions(rows: readonly RowRef[]): Promise<(bigint | undefined)[]> {
    const pipeline = this.redis.pipeline();
    const places = rows.map((row) => {
      const { schema, table, key, keyText } = row;
      const redisKey = namedBy(redisMisfit, row, () => redisKeyOf(schema, table)(key, keyText).key);
      if (redisKey === undefined) return undefined;
      const place = pipeline.length;
      askVersion[table.redis.as](pipeline, redisKey);
      pipeline.get(tombstoneKey(redisKey));
      return place;
    });
    try {
      const replies = (await pipeline.exec()) ?? [];
      return places.map((at) =>
        at === undefined ? undefined : higher(versionIn(replies[at]), versionIn(replies[at + 1])),
      );
    } catch (error) {
      throw redisTrouble(error);
    }
  }
}

const askVersion = {
  hash: (pipeline: ChainableCommander, key: string) => pipeline.hget(key, '_v'),
  json: (pipeline: ChainableCommander, key: string) => pipeline.getrange(key, 0, 26),
  fields: (pipeline: ChainableCommander, key: string) => pipeline.get(`${key}:_v`),
};

/** The version in a reply; another program's value under the key holds none. */
function versionIn(reply: [error: Error | null, result: unknown] | undefined): bigint | undefined {
  const [error, result] = reply ?? [null, null];
  if (error && !error.message.startsWith('WRONGTYPE')) throw error;
  const text = /^(?:\{"_v":")?(\d+)"?$/.exec(typeof result === 'string' ? result : '')?.[1];
  const version = parseVersion(text);
  return version === undefined ? undefined : BigInt(version);
}
