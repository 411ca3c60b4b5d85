import { TcpProxy, stackEnv, waitFor } from '@tributary/testing';
import { describeLong } from './support/flavours';
import { Pipeline } from './support/pipeline';
import type { ServiceProcess } from './support/service-process';

jest.setTimeout(300_000);

const role = async (relay: ServiceProcess) =>
  (JSON.parse((await relay.get('/info')).body) as { role: string }).role;

const ROWS = 40_000;

/** With each commit: libs/relay/test and libs/snapshot/test, and faults.spec for relays that are killed and come twice. */
describeLong('trigger-relay', () => {
  // The rows are the relay's load; one target is enough to count them in.
  const tables = '  - table: "$db.*"\n  - table: $db.wide\n    mongo: { enabled: false }\n';
  const pipeline = new Pipeline({ tables });
  beforeAll(async () => {
    await pipeline.prepare([
      'CREATE TABLE wide (id INT PRIMARY KEY, filler TEXT)',
      'CREATE TABLE live (id INT PRIMARY KEY, v INT)',
    ]);
    for (let from = 0; from < ROWS; from += 5_000)
      await pipeline.admin.query('INSERT INTO wide VALUES ?', [
        Array.from({ length: 5_000 }, (_, at) => [from + at, 'x'.repeat(300)]),
      ]);
  });
  afterAll(() => pipeline.stop());

  const progress = async () => {
    const [rows] = await pipeline.admin.query(
      `SELECT state, rows_done AS done FROM \`${pipeline.captureSchema}\`.snapshot_job WHERE table_name = ?`,
      [`${pipeline.database}.wide`],
    );
    return (rows as { state: string; done: string }[])[0];
  };

  it('R5: a load that is killed at 30 % and at 60 % goes on at its last finished chunk', async () => {
    for (const share of [0.3, 0.6]) {
      const relay = await pipeline.start('trigger-relay');
      const done = await waitFor(
        async () => {
          const now = Number((await progress())?.done ?? 0);
          return now >= share * ROWS && now;
        },
        { timeoutMs: 60_000, everyMs: 5 },
      );
      await relay.end('SIGKILL');
      const killed = (await progress())!;
      expect(Number(killed.done)).toBeGreaterThanOrEqual(done);
      expect([killed.state, Number(killed.done) < ROWS]).toEqual(['running', true]);
    }
    const last = await pipeline.start('trigger-relay');
    await last.untilReady();
    await waitFor(async () => (await progress())?.state === 'done', { timeoutMs: 60_000 });
    // Each chunk is counted when it is finished, so a load that began anew would have counted some rows twice.
    expect(Number((await progress())!.done)).toBe(ROWS);
    expect(last.logText).toMatch(/"resumes":true/);
  });

  it('R12: another instance leads within 5 s after kill -9 of the leader, and all ends equal', async () => {
    const leader = pipeline.services.get('trigger-relay')!;
    const standby = await pipeline.start('trigger-relay');
    await standby.untilReady();
    expect([await role(leader), await role(standby)]).toEqual(['leader', 'standby']);
    await pipeline.admin.query('INSERT INTO live VALUES (1, 1)');
    await leader.end('SIGKILL');
    const killedAt = Date.now();
    await pipeline.admin.query('INSERT INTO live VALUES (2, 1)');
    await waitFor(async () => (await role(standby)) === 'leader', { timeoutMs: 10_000, everyMs: 20 });
    expect(Date.now() - killedAt).toBeLessThan(5_000);
    for (const app of ['validator', 'mongo-sink', 'redis-sink'] as const) await pipeline.start(app);
    await waitFor(async () => (await pipeline.collection('live').countDocuments()) === 2, {
      timeoutMs: 120_000,
    });
    await pipeline.untilEqual();
    expect(await pipeline.redis.scard(`${pipeline.database}:wide`)).toBe(ROWS);
  });

  it('publishes a lone change soon after its commit', async () => {
    // A figure belongs into the benchmark; this only guards against a poll of seconds.
    const times: number[] = [];
    for (let at = 0; at < 10; at += 1) {
      const started = Date.now();
      await pipeline.admin.query('INSERT INTO live VALUES (?, 1)', [100 + at]);
      const key = `${pipeline.database}:live:${100 + at}`;
      await waitFor(() => pipeline.redis.exists(key), { everyMs: 2, timeoutMs: 20_000 });
      times.push(Date.now() - started);
    }
    expect(times.sort((a, b) => a - b)[5]).toBeLessThan(1_000);
  });
});

describeLong('a source that goes away while the relay runs', () => {
  let proxy: TcpProxy;
  let pipeline: Pipeline;
  beforeAll(async () => {
    const source = new URL(stackEnv().MYSQL_URL);
    proxy = await TcpProxy.open(source.host);
    source.hostname = '127.0.0.1';
    source.port = String(proxy.port);
    pipeline = new Pipeline({ env: { MYSQL_URL: source.href } });
    await pipeline.prepare(['CREATE TABLE live (id INT PRIMARY KEY, v INT)']);
    await pipeline.startAll();
  });
  afterAll(async () => {
    await pipeline.stop();
    await proxy.close();
  });

  it('R11: readiness turns 503 and names it, the process stays, and it goes on where it was', async () => {
    const relay = pipeline.services.get('trigger-relay')!;
    proxy.cut({ refuse: true });
    await pipeline.admin.query('INSERT INTO live VALUES (1, 1)');
    const answer = await waitFor(
      async () => {
        const ready = await relay.get('/health/ready');
        return ready.status === 503 && ready;
      },
      { timeoutMs: 20_000 },
    );
    expect(answer.body).toContain('MySQL');
    expect((await relay.get('/health/live')).status).toBe(200);
    proxy.accept();
    await relay.untilReady();
    await waitFor(() => pipeline.redis.exists(`${pipeline.database}:live:1`), { timeoutMs: 20_000 });
    expect(relay.exited).toBe(false);
  });
});
