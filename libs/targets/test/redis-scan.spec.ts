import type { Redis } from 'ioredis';
import { stackEnv, uniqueName } from '@tributary/testing';
import { connectRedis, RedisScan } from '../src';
import { itemsTable } from './rows';

const LARGE = 'x'.repeat(3 << 20);

describe('a scan of Redis', () => {
  const database = uniqueName('scan');
  const table = itemsTable(database, 'hash');
  const key = (id: number) => `${database}:items:${id}`;
  let redis: Redis;

  beforeAll(async () => {
    redis = await connectRedis(stackEnv().REDIS_URL, () => undefined);
    for (let id = 0; id < 20; id += 1) await redis.hset(key(id), { id, name: id % 2 ? LARGE : 'small' });
    await redis.set(key(100), 'of another type');
    await redis.hset(`${database}:items:no number`, { id: 1 });
    await redis.sadd(`${database}:items`, '1', 'a stray member');
  });
  afterAll(async () => {
    for await (const keys of redis.scanStream({ match: `${database}*`, count: 1_000 }))
      if ((keys as string[]).length > 0) await redis.del(...(keys as string[]));
    redis.disconnect();
  });

  const entriesOf = async (part: string) => {
    const found = new Map<string, string>();
    for await (const entries of new RedisScan(table, redis).entries(part))
      for (const { name, digest, ref } of entries) {
        expect(ref()).toBe(name);
        found.set(name, digest.toString('hex'));
      }
    return found;
  };

  it('tells every key that reads as a row, whatever it holds, and no other', async () => {
    const found = await entriesOf('keys');
    expect([...found.keys()].sort()).toEqual([...Array(20).keys(), 100].map(key).sort());
    // Each digest is of a name and a content of its own.
    expect(new Set(found.values()).size).toBe(found.size);
  });

  it('R13: no call of the script reads many large values', async () => {
    await redis.config('RESETSTAT');
    const before = await entriesOf('keys');
    const stats = await redis.info('commandstats');
    expect(Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1])).toBeGreaterThanOrEqual(5);
    expect(await entriesOf('keys')).toEqual(before);
  });

  it('tells every member of the index set', async () => {
    expect([...(await entriesOf('index')).keys()].sort()).toEqual(['1', 'a stray member']);
  });
});
