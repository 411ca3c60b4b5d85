import type { Redis } from 'ioredis';
import { rowSchema } from '@tributary/contract';
import { stackEnv, TcpProxy } from '@tributary/testing';
import { connectRedis } from '../src';
import { expectRetry } from './conformance';
import { redisTarget, type Target } from './harness';
import { changesOf, itemColumns, version } from './rows';

jest.setTimeout(30_000);

describe('RedisWriter', () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await connectRedis(stackEnv().REDIS_URL, () => undefined);
  });
  afterAll(() => redis.disconnect());

  const using = async (layout: 'hash' | 'json' | 'fields', work: (target: Target) => Promise<void>) => {
    const target = await redisTarget(layout);
    try {
      await work(target);
    } finally {
      await target.close();
    }
  };
  const keyOf = (target: Target, id: number) => `${target.table.settings.database}:items:${id}`;

  it('hash: fields of NULL values and of dropped columns do not stay', () =>
    using('hash', async (target) => {
      const { put } = changesOf(target.table);
      await target.writer.apply([put(1, 1)]);
      expect(await redis.hgetall(keyOf(target, 1))).toEqual({
        id: '1',
        name: 'n1',
        qty: '1',
        _v: version(1),
      });
      await target.writer.apply([put(1, 2, { name: null })]);
      expect(await redis.hgetall(keyOf(target, 1))).toEqual({ id: '1', qty: '2', _v: version(2) });
    }));

  it('fields: keys of NULL values, of dropped columns and of deleted rows do not stay', () =>
    using('fields', async (target) => {
      const { settings, schema } = target.table;
      const narrow = rowSchema({ table: schema.table, columns: itemColumns.slice(0, 2), key: ['id'] });
      const { put } = changesOf(target.table);
      await target.writer.apply([put(1, 1), put(2, 1), put(3, 1, { name: null })]);
      const keys = async () =>
        (await redis.keys(`${keyOf(target, 0).slice(0, -1)}*`))
          .map((key) => key.split(':').slice(2).join(':'))
          .sort();
      const all = (id: number) => [`${id}:_v`, `${id}:id`, `${id}:name`, `${id}:qty`];
      expect(await keys()).toEqual([...all(1), ...all(2), ...all(3).filter((key) => key !== '3:name')]);
      const later = changesOf({ settings, schema: narrow });
      await target.writer.apply([later.put(1, 2), later.remove(2, 2), put(3, 2, { qty: null })]);
      expect(await keys()).toEqual(['1:_v', '1:id', '1:name', '3:_v', '3:id', '3:name']);
    }));

  it('json: one string, the version first', () =>
    using('json', async (target) => {
      await target.writer.apply([changesOf(target.table).put(1, 1)]);
      expect(await redis.get(keyOf(target, 1))).toBe(`{"_v":"${version(1)}","id":1,"name":"n1","qty":1}`);
    }));

  it('keeps the tombstone of a deleted row for 14 days, and drops it when the row is back', () =>
    using('hash', async (target) => {
      const { put, remove } = changesOf(target.table);
      const tombstone = `tributary:tombstone:${keyOf(target, 1)}`;
      await target.writer.apply([remove(1, 5)]);
      expect(await redis.get(tombstone)).toBe(version(5));
      expect(await redis.ttl(tombstone)).toBeGreaterThan(14 * 86_400 - 10);
      await target.writer.apply([put(1, 6)]);
      expect(await redis.exists(tombstone)).toBe(0);
    }));

  it('loads its scripts again when the server has forgotten them', () =>
    using('hash', async (target) => {
      const { put } = changesOf(target.table);
      await target.writer.apply([put(1, 1)]);
      await redis.script('FLUSH');
      expect(await target.writer.apply([put(1, 2)])).toEqual([{ kind: 'applied' }]);
      await redis.script('FLUSH');
      expect(
        await target.positions('script-flush').advance([{ partition: 0, expected: null, next: 5n }]),
      ).toEqual(new Map());
    }));

  it('R9: binary values and 4-byte characters arrive byte for byte, a wide row too', () =>
    using('hash', async (target) => {
      const [id, text] = itemColumns as [(typeof itemColumns)[0], (typeof itemColumns)[0]];
      const wide = Array.from({ length: 4000 }, (_, at) => ({ ...text, name: `c${at}`, field: `c${at}` }));
      const blob = { ...text, name: 'b', field: 'b', kind: 'binary', sourceKind: 'binary' } as const;
      const schema = rowSchema({
        table: target.table.schema.table,
        columns: [id, text, blob, ...wide],
        key: ['id'],
      });
      const { put } = changesOf({ settings: target.table.settings, schema });
      const values = Object.fromEntries(wide.map(({ name }, at) => [name, `v${at}`]));
      await target.writer.apply([put(1, 1, { name: '🦄ü', b: 'AP+AfwA=', ...values })]);
      expect(await redis.hlen(keyOf(target, 1))).toBe(4004);
      expect(await redis.hget(keyOf(target, 1), 'name')).toBe('🦄ü');
      expect(await redis.hgetBuffer(keyOf(target, 1), 'b')).toEqual(Buffer.from([0, 255, 128, 127, 0]));
    }));

  it('R11: an index set of another type rejects the rows and changes none of them', () =>
    using('hash', async (target) => {
      const { put } = changesOf(target.table);
      const index = `${target.table.settings.database}:items`;
      await redis.set(index, 'foreign');
      const [outcome] = await target.writer.apply([put(1, 1)]);
      expect(outcome).toMatchObject({
        kind: 'rejected',
        rejection: { reason: expect.stringMatching(/another type of value/) },
      });
      expect(await redis.exists(keyOf(target, 1))).toBe(0);
      await redis.del(index);
      expect(await target.writer.apply([put(1, 1)])).toEqual([{ kind: 'applied' }]);
    }));

  it('R11: a broken line is retried as a whole and ends the same', async () => {
    const proxy = await TcpProxy.open(new URL(stackEnv().REDIS_URL).host);
    const target = await redisTarget('hash', `redis://${proxy.address}/0`);
    const rows = Array.from({ length: 500 }, (_, at) => changesOf(target.table).put(at, 1));
    try {
      proxy.intercept((data, direction) => {
        if (direction === 'down') proxy.cut({ refuse: true });
        return data;
      });
      await expectRetry(target.writer.apply(rows));
      await expectRetry(target.writer.apply(rows));
      await expect(target.writer.ping()).rejects.toThrow(/Redis does not answer/);
      proxy.intercept(undefined);
      proxy.accept();
      let outcomes: { kind: string }[] = [];
      for (let attempt = 0; attempt < 40 && outcomes.length === 0; attempt += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        outcomes = await target.writer.apply(rows).catch(() => []);
      }
      expect(outcomes).toHaveLength(500);
      expect(outcomes.every(({ kind }) => kind !== 'rejected')).toBe(true);
      expect((await target.held(499))?.version).toBe(version(1));
    } finally {
      await target.close();
      await proxy.close();
    }
  });
});
