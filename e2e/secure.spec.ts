import { readFileSync } from 'node:fs';
import { oneOf, type TestServers, waitFor } from '@tributary/testing';
import { ensureStack, resetStack, type StackEnv, certificateFiles } from '@tributary/dev-stack';
import {
  grantKafkaRights,
  kafkaAccount,
  makeMongoAccounts,
  redisAccount,
  type MongoAccounts,
} from './secure/accounts';
import { refusedConnections } from './secure/refused-connections';
import { refusedRights } from './secure/refused-rights';
import type { Flavour } from './support/flavours';
import { Pipeline } from './support/pipeline';
import { apps } from './support/service-process';

jest.setTimeout(300_000);

const stack = 'secure';
const files = certificateFiles(stack);
const quiet = () => undefined;

let servers: StackEnv;
beforeAll(async () => {
  servers = await ensureStack({ name: stack, secure: true, mysql: 'both', provider: 'native', say: quiet });
});
afterAll(() => resetStack(stack, quiet));

const pem = (file: string) => readFileSync(file, 'utf8');
const ownTls = () => ({ ca: pem(files.ca), cert: pem(files.clientCert), key: pem(files.clientKey) });

/** The passwords in the addresses of the stack. */
const secretsOf = (env: StackEnv) => [
  ...new Set(Object.values(env).flatMap((value) => value?.match(/\b[0-9a-f]{24}\b/g) ?? [])),
];

const variants = oneOf<[Flavour, mechanism: string]>(['mysql', 'scram-sha-512'], ['mariadb', 'plain']);

describe.each(variants)('TLS, logins and least rights everywhere: %s, Kafka by %s', (mysql, mechanism) => {
  let pipeline: Pipeline;
  let mongo: MongoAccounts;
  beforeAll(async () => {
    pipeline = new Pipeline({
      mysql,
      servers: { ...servers, MONGODB_URI: servers.ADMIN_MONGODB_URI! } as TestServers,
      redis: { url: servers.ADMIN_REDIS_URL!, options: { tls: ownTls() } },
      // The most talkative level: no library that logs through ours may tell a secret either.
      env: { KAFKA_SASL_MECHANISM: mechanism, LOG_LEVEL: 'trace' },
    });
    await pipeline.prepare(['CREATE TABLE things (id INT PRIMARY KEY, name VARCHAR(40), n DECIMAL(20,5))']);
    const rows = Array.from({ length: 500 }, (_, id) => [id, `thing ${id}`, id / 8]);
    await pipeline.admin.query('INSERT INTO things VALUES ?', [rows]);
    mongo = await makeMongoAccounts(mysql, pipeline.database, servers);
    await grantKafkaRights(pipeline, servers);
    // The command line's own, below each service's.
    pipeline.setEnv({
      KAFKA_SASL_USERNAME: kafkaAccount('cli'),
      MONGODB_URI: mongo.cli,
      REDIS_URL: redisAccount(servers, 'cli'),
    });
    for (const app of apps)
      await pipeline.start(app, {
        KAFKA_SASL_USERNAME: kafkaAccount(app),
        MONGODB_URI: mongo.sink,
        REDIS_URL: redisAccount(servers, 'sink'),
      });
    await Promise.all([...pipeline.services.values()].map((service) => service.untilReady()));
  });
  afterAll(() => pipeline?.stop());

  it('loads, follows live changes, and verify finds both targets equal', async () => {
    await pipeline.untilEqual();
    await pipeline.admin.query('UPDATE things SET n = n + 1 WHERE id % 3 = 0');
    await pipeline.admin.query('DELETE FROM things WHERE id >= 400');
    await pipeline.untilEqual();
    const [rows] = await pipeline.admin.query('SELECT * FROM things ORDER BY id');
    const expected = rows as { id: number; name: string; n: string }[];
    expect(expected).toHaveLength(400);
    const documents = await pipeline.collection('things').find().sort({ _id: 1 }).toArray();
    expect(documents.map(({ _id, name, n }) => [Number(_id), name, String(n)])).toEqual(
      expected.map(({ id, name, n }) => [id, name, n]),
    );
    const hashes = await Promise.all(
      expected.map(({ id }) => pipeline.redis.hmget(`${pipeline.database}:things:${id}`, 'name', 'n')),
    );
    expect(hashes).toEqual(expected.map(({ name, n }) => [name, n]));
  });

  it('no secret is in a log, an answer over HTTP, the output of a command or the process list', async () => {
    const texts: [where: string, text: string][] = [];
    for (const [app, service] of pipeline.services) {
      texts.push([`the log of ${app}`, service.logText]);
      texts.push([`the command line of ${app}`, readFileSync(`/proc/${service.child.pid}/cmdline`, 'utf8')]);
      for (const path of ['/metrics', '/info', '/health/live', '/health/ready'])
        texts.push([`${path} of ${app}`, (await service.get(path)).body]);
    }
    for (const args of [
      ['status', '--json'],
      ['config', 'check'],
      ['dlq', 'list'],
      ['capture', 'status'],
    ]) {
      const { stdout, stderr } = await pipeline.cli(...args);
      texts.push([`tributary ${args.join(' ')}`, stdout + stderr]);
    }
    const secrets = secretsOf(servers);
    expect(secrets.length).toBeGreaterThan(3);
    for (const [where, text] of texts) {
      expect(text.length).toBeGreaterThan(0);
      for (const secret of secrets) expect([where, text.includes(secret)]).toEqual([where, false]);
      expect([where, text.includes('PRIVATE KEY')]).toEqual([where, false]);
    }
  });

  it('repairs, replays and samples with the same accounts', async () => {
    await pipeline.redis.hset(`${pipeline.database}:things:7`, 'name', 'changed');
    const { status, stderr } = await pipeline.cli('verify', '--repair');
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    expect(await pipeline.redis.hget(`${pipeline.database}:things:7`, 'name')).toBe('thing 7');
    expect((await pipeline.cli('dlq', 'list')).stdout).toContain('No dead letters');
    expect((await pipeline.cli('status', '--json')).status).toBe(0);
    expect(await pipeline.json('verify', '--sample', '50')).toMatchObject({ code: 0 });
    const row = [`${pipeline.database}.things`, '7'];
    expect((await pipeline.json('trace', ...row)).result).toMatchObject({ verdict: { code: 'IN_SYNC' } });
    expect((await pipeline.json('history', ...row)).code).toBe(0);
    const { checks } = (await pipeline.json('doctor')).result as {
      checks: { level: string; check: string }[];
    };
    expect(checks.filter(({ level, check }) => level === 'fail' || check === 'settings')).toMatchObject([
      { level: 'pass', check: 'settings' },
    ]);

    const key = `${pipeline.database}:things:9`;
    await pipeline.redis.del(key);
    await pipeline.redis.set(key, 'of another program');
    await pipeline.admin.query("UPDATE things SET name = 'nine' WHERE id = 9");
    await waitFor(async () => (await pipeline.deadLetters()).some(({ code }) => code === 'TARGET_REJECTED'));
    expect((await pipeline.cli('dlq', 'list')).stdout).toContain('TARGET_REJECTED');
    await pipeline.redis.del(key);
    expect((await pipeline.json('dlq', 'replay')).result).toMatchObject({ replayed: 1, rejectedAgain: 0 });
    expect(await pipeline.redis.hget(key, 'name')).toBe('nine');
  });

  it('loads once more, and removes what the source does not have', async () => {
    const [key, index] = [`${pipeline.database}:things:7000`, `${pipeline.database}:things`];
    await pipeline.redis.hset(key, '_v', '0000000000000000001');
    await pipeline.redis.sadd(index, '7000');
    const { status, stderr } = await pipeline.cli(
      'snapshot',
      'start',
      '--table',
      `${pipeline.database}.things`,
    );
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    await waitFor(async () => (await pipeline.redis.exists(key)) === 0, { timeoutMs: 30_000 });
    await pipeline.untilEqual();
  });

  describe('no account can do more', () => {
    refusedRights({
      pipeline: () => pipeline,
      servers: () => servers,
      mongo: () => mongo,
      redisTls: ownTls,
    });
  });

  it('a service whose account lacks a right says which, and ends', async () => {
    const own = pipeline.services.get('mongo-sink')!;
    const stranger = await pipeline.start('mongo-sink', {
      KAFKA_SASL_USERNAME: kafkaAccount('redis-sink'),
      MONGODB_URI: mongo.sink,
    });
    pipeline.services.set('mongo-sink', own);
    await waitFor(() => stranger.exited, { timeoutMs: 30_000 });
    expect(stranger.child.exitCode).toBe(1);
    expect(stranger.logText).toMatch(/denies access \(GROUP_AUTHORIZATION_FAILED\)/);
  });
});

describe('what is refused, in one sentence that holds no password', () => {
  refusedConnections({ servers: () => servers, files, ownTls });
});
