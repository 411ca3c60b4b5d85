import { HeartbeatPublisher, topicPlans } from '@tributary/topics';
import { waitFor } from '@tributary/testing';
import { kafka, type CliPipeline } from './cli-pipeline';

interface Check {
  server: string;
  check: string;
  level: 'pass' | 'warn' | 'fail';
  sentence: string;
  fix: string | null;
  table?: string;
}

/** Preconditions that do not hold, each by its cause. */
export function doctor(pipeline: CliPipeline): void {
  const { name, run, cli } = pipeline;
  const examine = async () => {
    const { code, result } = await run<{ checks: Check[] }>('doctor');
    const of = (server: string, check: string) =>
      result.checks.filter((one) => one.server === server && one.check === check);
    return { code, of, checks: result.checks };
  };

  it('passes on a pipeline that works, and says what each check found', async () => {
    let failing: Check[] = [];
    await waitFor(
      async () => {
        failing = (await examine()).checks.filter(({ level }) => level === 'fail');
        return failing.length === 0;
      },
      { timeoutMs: 30_000, everyMs: 500 },
    ).catch(() => expect(failing).toEqual([]));
    const { code, checks, of } = await examine();
    expect(code).toBe(0);
    expect(new Set(checks.map(({ server }) => server))).toEqual(
      new Set(['mysql', 'kafka', 'services', 'mongo', 'redis']),
    );
    for (const { level, fix, sentence } of checks) {
      expect(fix === null).toBe(level === 'pass');
      expect(sentence).toMatch(/\.$/);
    }
    expect(of('services', 'instances')[0]!.sentence).toContain(
      'mongo-sink, redis-sink, trigger-relay, validator',
    );
    const text = await cli('doctor');
    expect([text.code, text.out]).toEqual([0, expect.stringMatching(/^pass {2}mysql/m)]);
  }, 90_000);

  it('fails with the fix: eviction, a table without a key, a trigger that is gone', async () => {
    await pipeline.redis.config('SET', 'maxmemory', '100gb');
    await pipeline.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      const { code, of } = await examine();
      expect([code, of('redis', 'eviction')]).toMatchObject([
        2,
        [{ level: 'fail', fix: expect.stringContaining('maxmemory-policy noeviction') as string }],
      ]);
    } finally {
      await pipeline.redis.config('SET', 'maxmemory-policy', 'noeviction');
      await pipeline.redis.config('SET', 'maxmemory', '0');
    }
    await pipeline.admin.query(`CREATE TABLE ${name}.keyless (a INT)`);
    await pipeline.admin.query(`CREATE TABLE ${name}.later (a INT PRIMARY KEY)`);
    const entries = `{ table: ${name}.keyless }, { table: ${name}.later }`;
    const { code, out } = await pipeline.cliWith(entries, 'doctor', '--json');
    const { checks } = JSON.parse(out) as { checks: Check[] };
    expect(code).toBe(2);
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ level: 'fail', check: 'table', table: `${name}.keyless` }),
        expect.objectContaining({ level: 'fail', check: 'capture', table: `${name}.later` }),
        expect.objectContaining({ level: 'warn', server: 'services', check: 'config' }),
      ]),
    );
    await pipeline.admin.query(`DROP TABLE ${name}.keyless, ${name}.later`);
  }, 90_000);

  it('warns of a topic that forgets early, and of services that differ', async () => {
    const admin = kafka.client.admin();
    await admin.connect();
    const { settings } = topicPlans(pipeline.config).find(({ topic }) => topic === `${name}.validated`)!;
    // What is not named goes back to the broker's own.
    const retention = (value: string) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            ...{ type: 2, name: `${name}.validated` },
            configEntries: Object.entries({ ...settings, 'retention.ms': value }).map(([key, of]) => ({
              name: key,
              value: of,
            })),
          },
        ],
      });
    await retention('3600000');
    const publisher = kafka.publisher();
    await publisher.start();
    const heartbeats = new HeartbeatPublisher(publisher, `${name}.heartbeats`);
    const other = {
      app: 'mongo-sink',
      instance: 'other',
      pid: 1,
      host: 'elsewhere',
      port: 1,
      version: '0.0.1',
    };
    const at = new Date().toISOString();
    await heartbeats.publish({
      ...other,
      at,
      startedAt: at,
      ready: false,
      trouble: 'waits for MongoDB',
      tables: {},
      lagEvents: null,
    });
    try {
      const { of } = await examine();
      expect(of('kafka', 'settings')).toMatchObject([
        { level: 'warn', sentence: expect.stringContaining('keeps records for 1.0 h') as string },
      ]);
      expect(of('services', 'version')).toMatchObject([
        { level: 'warn', sentence: expect.stringContaining('elsewhere (pid 1): 0.0.1') as string },
      ]);
      expect(of('services', 'ready')).toMatchObject([
        { level: 'fail', sentence: expect.stringContaining('waits for MongoDB') as string },
      ]);
    } finally {
      await heartbeats.retire(other);
      await publisher.stop();
      await retention(settings['retention.ms']!);
      await admin.disconnect();
    }
  }, 90_000);
}
