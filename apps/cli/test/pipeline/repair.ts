import { setTimeout as sleep } from 'node:timers/promises';
import { ROWS, type CliPipeline } from './cli-pipeline';

interface Verified {
  equal: boolean;
  tables: { target: string; rows: number; repaired: number; notRepaired: number }[];
  examples: { target: string; kind: string; id: string }[];
}

/** Verification and repair by the command line. */
export function repair(pipeline: CliPipeline): void {
  const { name, run } = pipeline;

  it('verifies the first load as equal', async () => {
    const { code, result } = await run<Verified>('verify');
    expect(result.examples).toEqual([]);
    expect([code, result.equal]).toEqual([0, true]);
    expect(result.tables.map(({ target, rows }) => [target, rows])).toEqual([
      ['mongo', ROWS],
      ['redis', ROWS],
    ]);
  }, 60_000);

  it('R15: verify compares what it can of a table that its key pattern does not fit, names it and exits 1', async () => {
    const { code, result } = await pipeline.withSettings(', redis: { key: "t:{n}" }', () =>
      run<Verified & { suspended: { table: string; code: string }[] }>('verify'),
    );
    expect(result.tables.map(({ target, rows }) => [target, rows])).toEqual([['mongo', ROWS]]);
    expect(result.suspended).toMatchObject([{ table: `${name}.t`, code: 'REDIS_KEY' }]);
    expect([code, result.equal]).toEqual([1, false]);
  }, 60_000);

  it('R4: repair brings every kind of difference to the truth through the pipeline, beside live changes', async () => {
    const collection = pipeline.mongo.getClient().db(name).collection('t');
    await collection.updateOne({ _id: 1 as never }, { $set: { s: 'changed' } });
    await collection.deleteOne({ _id: 2 as never });
    await collection.insertOne({ _id: 9001 as never, s: 'stranger' });
    await pipeline.redis.hset(`${name}:t:3`, 's', 'changed');
    await pipeline.redis.del(`${name}:t:4`);
    await pipeline.redis.hset(`${name}:t:9002`, 's', 'stranger');
    await pipeline.redis.srem(`${name}:t`, '5');
    await pipeline.redis.sadd(`${name}:t`, '9003');

    // A rate that a pipeline on a starved machine keeps up with: else each look waits for an ever longer lag.
    const stop = new AbortController();
    const writing = (async () => {
      for (let n = 0; !stop.signal.aborted; n += 1)
        await Promise.all([
          pipeline.admin.query(`UPDATE ${name}.t SET n = ${n} WHERE id = ${10 + (n % 200)}`),
          sleep(20),
        ]);
    })();
    await verifiesAndRepairs().finally(() => stop.abort());
    await writing;
    expect((await run<Verified>('verify')).code).toBe(0);
  }, 180_000);

  async function verifiesAndRepairs(): Promise<void> {
    const found = await run<Verified>('verify', '--examples', '20');
    expect(found.code).toBe(2);
    expect(found.result.examples.map(({ target, kind, id }) => `${target} ${kind} ${id}`).sort()).toEqual([
      'mongo different {"$numberInt":"1"}',
      'mongo extra {"$numberInt":"9001"}',
      'mongo missing {"$numberInt":"2"}',
      `redis different ${name}:t:3`,
      `redis extra ${name}:t:9002`,
      `redis index ${name}:t:5`,
      `redis index ${name}:t:9003`,
      `redis missing ${name}:t:4`,
    ]);
    const repaired = await run<Verified>('verify', '--repair');
    expect(repaired.code).toBe(0);
    expect(repaired.result.tables.map((table) => [table.target, table.repaired, table.notRepaired])).toEqual([
      ['mongo', 3, 0],
      ['redis', 5, 0],
    ]);
  }
}
