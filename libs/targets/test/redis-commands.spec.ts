import type { Redis } from 'ioredis';
import { stackEnv, waitFor } from '@tributary/testing';
import { connectRedis, type RowChange } from '../src';
import { redisTarget, type Target } from './harness';
import { RedisMonitor } from './redis-monitor';
import { changesOf } from './rows';

jest.setTimeout(30_000);

/** Rows of a batch: two calls of the script. */
const ROWS = 200;
const ids = Array.from({ length: ROWS }, (_, at) => at + 1);

describe('what a batch costs Redis', () => {
  let target: Target;
  let monitor: RedisMonitor;
  let observer: Redis;
  let make: ReturnType<typeof changesOf>;
  let seen: string[] = [];
  beforeAll(async () => {
    target = await redisTarget('hash');
    make = changesOf(target.table);
    // The script's text is sent where the server does not know it yet: this row sends it, so the counts below are exact.
    await target.writer.apply([make.put(ROWS + 1, 1)]);
    observer = await connectRedis(stackEnv().REDIS_URL, () => undefined);
    const { database } = target.table.settings;
    monitor = await RedisMonitor.open(stackEnv().REDIS_URL, (name, line) => {
      if (line.includes(database)) seen.push(name);
    });
  });
  afterAll(async () => {
    monitor.close();
    observer.disconnect();
    await target.close();
  });

  /** Commands of a batch by name, those within scripts included. */
  const commandsOf = async (changes: readonly RowChange[]): Promise<Record<string, number>> => {
    seen = [];
    await target.writer.apply(changes);
    // The monitor hears everything in order: when this has come, all of it has.
    await observer.echo(target.table.settings.database);
    await waitFor(() => seen.at(-1) === 'echo');
    const counts: Record<string, number> = {};
    for (const name of seen.slice(0, -1)) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  };

  it('new rows: their version, their tombstone, one write and one look at it', async () => {
    expect(await commandsOf(ids.map((id) => make.put(id, id, {}, 'r')))).toEqual({
      ...{ evalsha: 2, sadd: 2 },
      ...{ hget: ROWS, get: ROWS, hset: ROWS, hlen: ROWS },
    });
  });

  it('existing rows: no look at tombstones', async () => {
    expect(await commandsOf(ids.map((id) => make.put(id, ROWS + id)))).toEqual({
      ...{ evalsha: 2, sadd: 2 },
      ...{ hget: ROWS, hset: ROWS, hlen: ROWS },
    });
  });

  it('stale changes: the version alone', async () => {
    expect(await commandsOf(ids.map((id) => make.put(id, id)))).toEqual({ evalsha: 2, hget: ROWS });
  });

  it('deletes: one tombstone a row, everything else by one command a call', async () => {
    expect(await commandsOf(ids.map((id) => make.remove(id, 2 * ROWS + id)))).toEqual({
      ...{ evalsha: 2, del: 2, srem: 2 },
      ...{ hget: ROWS, set: ROWS },
    });
  });

  it('rows that come back: their tombstones go together', async () => {
    expect(await commandsOf(ids.map((id) => make.put(id, 3 * ROWS + id)))).toEqual({
      ...{ evalsha: 2, sadd: 2, del: 2 },
      ...{ hget: ROWS, get: ROWS, hset: ROWS, hlen: ROWS },
    });
  });

  it('a column that becomes NULL costs its row a second write', async () => {
    expect(await commandsOf([make.put(1, 5 * ROWS, { name: null }), make.put(2, 5 * ROWS)])).toEqual({
      ...{ evalsha: 1, sadd: 1, hget: 2, hset: 3, hlen: 2, del: 1 },
    });
  });
});
