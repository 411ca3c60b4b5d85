import { openKafkaProxy, stackEnv, TcpProxy, waitFor } from '@tributary/testing';
import { Pipeline } from './support/pipeline';
import { apps, type App } from './support/service-process';

// What is bounded is whether they end: a loaded machine may take half a minute to start a process.
jest.setTimeout(400_000);

/** A server that is away: connections to it are refused until `proxy.accept()`. */
interface Away {
  readonly proxy: TcpProxy;
  readonly variable: 'MYSQL_URL' | 'KAFKA_BROKERS' | 'MONGODB_URI' | 'REDIS_URL';
  /** How it is called in messages. */
  readonly name: string;
}

const needs: Record<App, readonly Away['name'][]> = {
  'trigger-relay': ['MySQL', 'Kafka'],
  validator: ['Kafka'],
  'mongo-sink': ['MongoDB', 'Kafka'],
  'redis-sink': ['Redis', 'Kafka'],
};

describe('services that start before their servers', () => {
  const away: Away[] = [];
  let pipeline: Pipeline;

  beforeAll(async () => {
    const env = stackEnv();
    const through = async (variable: Away['variable'], name: string) => {
      const target = new URL(env[variable]).host;
      const proxy = await TcpProxy.open(target);
      away.push({ proxy, variable, name });
      return [variable, env[variable].replace(target, proxy.address)];
    };
    const kafka = await openKafkaProxy(env.KAFKA_BROKERS);
    away.push({ proxy: kafka, variable: 'KAFKA_BROKERS', name: 'Kafka' });
    const addresses = Object.fromEntries([
      ['KAFKA_BROKERS', kafka.address],
      await through('MYSQL_URL', 'MySQL'),
      await through('MONGODB_URI', 'MongoDB'),
      await through('REDIS_URL', 'Redis'),
    ]) as Record<string, string>;
    pipeline = new Pipeline({ env: addresses });
    await pipeline.prepare(['CREATE TABLE things (id INT PRIMARY KEY, n INT)']);
    await pipeline.admin.query('INSERT INTO things VALUES (1, 1)');
  });
  afterAll(async () => {
    await pipeline?.stop();
    for (const { proxy } of away) await proxy.close();
  });
  const cutAll = () => {
    for (const { proxy } of away) proxy.cut({ refuse: true });
  };

  it('R14: wait, alive but not ready, say what is missing, and go on when the servers come', async () => {
    cutAll();
    await Promise.all(apps.map((app) => pipeline.start(app)));
    await Promise.all(
      apps.map(async (app) => {
        const service = pipeline.services.get(app)!;
        const { body } = await waitFor(
          async () => {
            const answer = await service.get('/health/ready');
            return answer.status === 503 && answer.body.includes('does not answer') && answer;
          },
          { timeoutMs: 120_000, everyMs: 200 },
        );
        expect(body).toContain(needs[app][0]);
        expect((await service.get('/health/live')).status).toBe(200);
        expect((await service.get('/metrics')).body).toMatch(/tributary_trouble\{stage="[\w-]+"\} 1/);
      }),
    );
    // The servers come one after the other, Kafka last.
    for (const { proxy } of [...away].reverse()) proxy.accept();
    await Promise.all([...pipeline.services.values()].map((service) => service.untilReady(120_000)));
    await pipeline.admin.query('INSERT INTO things VALUES (2, 2)');
    await waitFor(async () => (await pipeline.redis.scard(`${pipeline.database}:things`)) === 2, {
      timeoutMs: 60_000,
    });
    await waitFor(async () => (await pipeline.collection('things').countDocuments()) === 2, {
      timeoutMs: 60_000,
    });
    for (const service of pipeline.services.values()) {
      expect(service.exited).toBe(false);
      expect(service.events('start-waits')).toHaveLength(1);
      expect(service.events('start-goes-on')).toHaveLength(1);
      expect(await service.end('SIGTERM')).toBe(0);
    }
  });

  it('R14: end with 0 on SIGTERM while they wait, within 10 s', async () => {
    cutAll();
    await Promise.all(apps.map((app) => pipeline.start(app)));
    await Promise.all(
      apps.map(async (app) => {
        const service = pipeline.services.get(app)!;
        await waitFor(() => service.events('start-waits').length > 0, {
          timeoutMs: 120_000,
          everyMs: 200,
        });
        // The bound of the product; a process that is not scheduled would be killed by the harness, not by itself.
        expect(await service.end('SIGTERM')).toBe(0);
        expect(service.logText).toContain('"stopped"');
      }),
    );
  });

  it('R14: but what a server refuses ends them at once, with one sentence and no password', async () => {
    for (const { proxy } of away) proxy.accept();
    const wrong = {
      MYSQL_URL: stackEnv().MYSQL_URL.replace(/:[^:@/]+@/, ':hunter2@'),
      REDIS_URL: stackEnv().REDIS_URL.replace(/(:\d+)(\/\d*)?$/, '$1/999'),
    };
    const refused = new Pipeline({ env: wrong });
    await refused.prepare(['CREATE TABLE things (id INT PRIMARY KEY, n INT)']);
    try {
      for (const [app, code] of [
        ['trigger-relay', 'ACCESS'],
        ['redis-sink', 'REDIS'],
      ] as const) {
        const service = await refused.start(app);
        await waitFor(() => service.exited, { timeoutMs: 120_000, everyMs: 200 });
        expect(service.child.exitCode).toBe(1);
        expect(service.lines.filter(({ level }) => level === 'fatal')).toMatchObject([{ code }]);
        expect(service.logText).not.toContain('hunter2');
      }
    } finally {
      await refused.stop();
    }
  });
});
