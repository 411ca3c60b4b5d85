import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openMysql } from '@tributary/capture';
import { createKafka, TopicAdmin } from '@tributary/kafka';
import { readEnv } from '@tributary/service';
import { connectMongo, connectRedis } from '@tributary/targets';
import { waitFor, type TestServers } from '@tributary/testing';
import { ensureStack, resetStack, type StackEnv } from '../tools/stack';
import { Authority, certificateFiles } from '../tools/stack/certificates';
import {
  grantKafkaRights,
  kafkaAccount,
  makeMongoAccounts,
  redisReader,
  type MongoAccounts,
} from './secure/accounts';
import { refusedRights } from './secure/refused-rights';
import { Pipeline } from './support/pipeline';
import { apps } from './support/service-process';

jest.setTimeout(300_000);

const stack = 'secure';
const files = certificateFiles(stack);
const quiet = () => undefined;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

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

describe.each([
  ['mysql', 'scram-sha-512'],
  ['mariadb', 'plain'],
] as const)('TLS, logins and least rights everywhere: %s, Kafka by %s', (mysql, mechanism) => {
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
      REDIS_URL: redisReader(servers),
    });
    for (const app of apps)
      await pipeline.start(app, {
        KAFKA_SASL_USERNAME: kafkaAccount(app),
        MONGODB_URI: mongo.sink,
        REDIS_URL: servers.REDIS_URL,
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

    const key = `${pipeline.database}:things:9`;
    await pipeline.redis.del(key);
    await pipeline.redis.set(key, 'of another program');
    await pipeline.admin.query("UPDATE things SET name = 'nine' WHERE id = 9");
    await waitFor(async () => (await pipeline.cli('dlq', 'list')).stdout.includes('TARGET_REJECTED'));
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
  const stranger = new Authority('somebody else');
  const sentence = /^[A-Z][^\n]*[.]$/;
  const local = (url: string) => url.replace('@127.0.0.1:', '@localhost:');

  /** The message that `work` is refused with, checked for what every such message must be. */
  async function refusal(work: Promise<{ destroy?(): void; close?(): unknown } | void>): Promise<string> {
    const error = await work.then(
      () => Promise.reject(new Error('it was let in')),
      (reason: Error) => reason,
    );
    expect(error.name).toBe('SyncError');
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toMatch(/[0-9a-f]{24}|hunter2/);
    return error.message;
  }

  const strangerFile = () => {
    const file = join(files.ca, '..', 'stranger.pem');
    writeFileSync(file, stranger.cert);
    return file;
  };

  describe.each(['mysql', 'mariadb'] as const)('%s', (name) => {
    const url = () => (name === 'mysql' ? servers.MYSQL_URL : servers.MARIADB_URL)!;
    const plain = () => url().split('?')[0]!;
    const withSsl = (ssl: string) => `${plain()}?ssl=${encodeURIComponent(ssl)}`;

    it('a connection without TLS', async () => {
      expect(await refusal(openMysql(plain()))).toMatch(
        /with TLS only: add \?ssl=true|and \?ssl=true, if the server asks for TLS/,
      );
    });
    it('a certificate of an authority that Node.js does not know', async () => {
      expect(await refusal(openMysql(withSsl('true')))).toContain('no authority that is trusted');
    });
    it('a certificate of another authority than the given one', async () => {
      expect(await refusal(openMysql(withSsl(strangerFile())))).toContain('no authority that is trusted');
    });
    it('a certificate for another host name', async () => {
      expect(await refusal(openMysql(local(url())))).toContain('for another host name');
    });
    it('a wrong password', async () => {
      expect(await refusal(openMysql(url().replace(/:[0-9a-f]{24}@/, ':hunter2@')))).toContain(
        'check its user name and password',
      );
    });
    it('but not a mismatch that was allowed, nor the right ones, which are encrypted', async () => {
      for (const each of [
        url(),
        withSsl('no-verify'),
        local(withSsl(JSON.stringify({ ca: pem(files.ca), verifyIdentity: false }))),
      ]) {
        const connection = await openMysql(each);
        const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
        expect((rows as { Value: string }[])[0]!.Value).toMatch(/AES|CHACHA/);
        connection.destroy();
      }
    });
    it('an account that needs a client certificate without one; with one it comes in', async () => {
      const admin = await openMysql(
        (name === 'mysql' ? servers.ADMIN_MYSQL_URL : servers.ADMIN_MARIADB_URL)!,
      );
      await admin.query("CREATE USER 'certified'@'%' IDENTIFIED BY 'hunter2' REQUIRE X509");
      admin.destroy();
      const certified = (ssl: object) => {
        const as = new URL(withSsl(JSON.stringify(ssl)));
        [as.username, as.password] = ['certified', 'hunter2'];
        return openMysql(as.href);
      };
      expect(await refusal(certified({ ca: pem(files.ca) }))).toContain('user name and password');
      (await certified(ownTls())).destroy();
    });
  });

  describe('Kafka', () => {
    const ping = (variables: Record<string, string | undefined>) => {
      const env = readEnv({ kafka: true }, 0, {
        ...servers,
        SYNC_CONFIG: join(__dirname, '../sync.yaml'),
        ...variables,
      });
      return new TopicAdmin(createKafka({ ...env.kafka, clientId: 'test' }, silent)).topics();
    };
    const noFiles = { KAFKA_SSL_CERT_FILE: undefined, KAFKA_SSL_KEY_FILE: undefined };

    it('lets the right ones in', async () => {
      expect(await ping({})).toBeInstanceOf(Set);
      expect(await ping({ KAFKA_SASL_MECHANISM: 'plain' })).toBeInstanceOf(Set);
    });
    it.each([
      ['a wrong password', { KAFKA_SASL_PASSWORD: 'hunter2' }, 'KAFKA_SASL_PASSWORD'],
      [
        'a wrong password by PLAIN',
        { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'hunter2' },
        'KAFKA_SASL_PASSWORD',
      ],
      ['an unknown authority', { KAFKA_SSL_CA_FILE: undefined }, 'no authority that is trusted'],
      [
        'another authority',
        { KAFKA_SSL_CA_FILE: undefined, KAFKA_SSL_CA: stranger.cert },
        'no authority that is trusted',
      ],
      ['no client certificate', noFiles, 'it asks for a client certificate'],
    ])('%s', async (_, variables, words) => {
      expect(await refusal(ping(variables) as Promise<never>)).toContain(words);
    });
    it('a certificate for another host name', async () => {
      const brokers = servers.KAFKA_BROKERS.replace('127.0.0.1', 'localhost');
      expect(await refusal(ping({ KAFKA_BROKERS: brokers }) as Promise<never>)).toContain(
        'for another host name',
      );
    });
  });

  describe('MongoDB', () => {
    const uri = (change: (uri: string) => string) => change(servers.MONGODB_URI);
    it.each([
      [
        'a wrong password',
        (text: string) => text.replace(/:[0-9a-f]{24}@/, ':hunter2@'),
        'refuses the login',
      ],
      [
        'another authority',
        (text: string) => text.replace(/tlsCAFile=[^&]*/, `tlsCAFile=${encodeURIComponent(strangerFile())}`),
        'no authority that is trusted',
      ],
      ['another host name', local, 'for another host name'],
    ])('%s', async (_, change, words) => {
      expect(await refusal(connectMongo(uri(change)))).toContain(words);
    });
  });

  describe('Redis', () => {
    const connect = (url: string, tls = ownTls()) =>
      connectRedis(url, quiet, tls).then((redis) => redis.disconnect());
    it.each([
      ['a wrong password', (url: string) => url.replace(/:[0-9a-f]{24}@/, ':hunter2@'), 'refuses the login'],
      ['no user', (url: string) => url.replace(/\/\/.*@/, '//'), 'refuses the login'],
      ['another host name', local, 'for another host name'],
    ])('%s', async (_, change, words) => {
      expect(await refusal(connect(change(servers.REDIS_URL)))).toContain(words);
    });
    it('another authority', async () => {
      expect(await refusal(connect(servers.REDIS_URL, { ...ownTls(), ca: stranger.cert }))).toContain(
        'no authority that is trusted',
      );
    });
  });
});
