import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openMysql, type Connection } from '@tributary/capture';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { stackEnv, uniqueName } from '@tributary/testing';
import { ensureTopics, HeartbeatPublisher } from '@tributary/topics';
import { parseTar } from 'nanotar';
import { install, Servers, startSnapshots, supportBundle } from '../src';

const env = stackEnv();
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const name = uniqueName('bundle');
const folder = mkdtempSync(join(tmpdir(), 'tributary-bundle-'));
const syncFile = join(folder, 'sync.yaml');

const planted = {
  condition: 'planted-condition',
  snapshot: 'planted-snapshot',
  key: 'planted-key',
  reason: 'planted-reason',
  row: 'planted-row',
  comment: 'planted-comment',
  sasl: 'planted-sasl',
};

/** By name, as texts. */
const filesOf = (path: string): Record<string, string> =>
  Object.fromEntries(
    // A copy: the parser reads the memory that a buffer stands in from its beginning, which Node.js may share.
    parseTar(Uint8Array.from(gunzipSync(readFileSync(path)))).map((file) => [
      file.name.replace('tributary-support/', ''),
      file.text,
    ]),
  );

describe('support bundle of a pipeline', () => {
  let admin: Connection;
  let info: Server;
  const variables = {
    ...process.env,
    SYNC_CONFIG: syncFile,
    // Not used, and a secret all the same.
    KAFKA_SASL_PASSWORD: planted.sasl,
  };

  beforeAll(async () => {
    writeFileSync(
      syncFile,
      `# ${planted.comment}
topics: { prefix: ${name}, partitions: 2 }
capture: { schema: tributary_${name} }
tables: [{ table: ${name}.t, where: "s <> '${planted.condition}'" }]
`,
    );
    admin = await openMysql(env.ADMIN_MYSQL_URL);
    await admin.query(`CREATE DATABASE ${name}`);
    await admin.query(`CREATE TABLE ${name}.t (id INT PRIMARY KEY, s VARCHAR(40))`);
    await admin.query(`INSERT INTO ${name}.t VALUES (1, '${planted.row}')`);
    info = createServer((_, answer) => answer.end(JSON.stringify({ app: 'validator', uptimeSeconds: 7 })));
    await new Promise<void>((listening) => info.listen(0, '127.0.0.1', listening));
    const { port } = info.address() as AddressInfo;

    const servers = new Servers({ mysql: true, kafka: true }, silent, variables);
    const context = { servers, log: silent, note: () => undefined };
    await install(context, {});
    await startSnapshots(context, { where: `s = '${planted.snapshot}'` });
    await ensureTopics(servers.kafka, servers.config);
    const publisher = servers.kafka.publisher();
    await publisher.start();
    const now = new Date().toISOString();
    const instance = (app: string, instance: string, at: number) => ({
      ...{
        app,
        instance,
        pid: 1,
        host: '127.0.0.1',
        port: at,
        startedAt: now,
        at: now,
        ready: true,
        trouble: null,
      },
      ...{ tables: {}, lagEvents: 0 },
    });
    const heartbeats = new HeartbeatPublisher(publisher, servers.config.topics.heartbeats);
    await heartbeats.publish(instance('validator', 'answers', port));
    await heartbeats.publish(instance('redis-sink', 'silent', 1));
    const { topics } = servers.config;
    await new DeadLetterWriter(publisher, topics.deadLetters, 'validator').send(
      [`${name}.t`, `${name}.t`, planted.key].map((table, at) => ({
        record: {
          key: Buffer.from(JSON.stringify({ table, key: { id: planted.key } })),
          ...{ value: Buffer.from(planted.row), headers: {}, offset: String(at), timestamp: '0' },
        },
        batch: { topic: topics.changes, partition: 0 },
        rejection: { code: 'MALFORMED_JSON', reason: planted.reason },
      })),
    );
    await publisher.stop();
    await servers.close();
  });

  afterAll(async () => {
    info?.close();
    await admin?.query(`DROP DATABASE IF EXISTS ${name}`);
    await admin?.query(`DROP DATABASE IF EXISTS tributary_${name}`);
    admin?.destroy();
    rmSync(folder, { recursive: true });
  });

  it('says all that was asked for, and no secret or value of a row', async () => {
    const path = join(folder, `${uniqueName('whole')}.tar.gz`);
    const { files } = await supportBundle({ log: silent }, { path, variables });
    expect(files.filter(({ error }) => error !== null)).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const texts = filesOf(path);
    expect(Object.keys(texts)).toEqual(files.map(({ file }) => file));
    const read = (file: string) => JSON.parse(texts[file]!);

    expect(read('config.json').tables).toMatchObject([{ table: `${name}.t`, where: '[redacted]' }]);
    expect(read('doctor.json').map(({ server }: { server: string }) => server)).toEqual(
      expect.arrayContaining(['mysql', 'kafka', 'services', 'mongo', 'redis']),
    );
    expect(read('status.json').tables).toMatchObject([{ table: `${name}.t` }]);
    expect(read('capture.json')).toMatchObject([{ table: `${name}.t`, state: 'ok' }]);
    expect(read('source.json')).toMatchObject({ flavour: 'mysql', settings: { log_bin: 'ON' } });
    expect(read('snapshots.json')).toMatchObject([
      { table: `${name}.t`, state: 'queued', where: '[redacted]' },
    ]);
    expect(read('heartbeats.json')).toHaveLength(2);
    expect(read('services.json')).toEqual({
      'validator/answers': { app: 'validator', uptimeSeconds: 7 },
      'redis-sink/silent': { error: expect.any(String) },
    });
    expect(read('consumers.json')).toMatchObject([
      { group: `${name}.validator`, members: 0, partitions: [{ low: '0' }, { low: '0' }] },
      ...['mongo-sink', 'redis-sink', 'validator-loads', 'mongo-sink-loads', 'redis-sink-loads'].map(
        (group) => ({
          group: `${name}.${group}`,
        }),
      ),
    ]);
    expect(read('topics.json')[`${name}.changes`]).toMatchObject({
      ...{ partitions: 2, settings: { 'message.timestamp.type': 'LogAppendTime' } },
    });
    expect(read('dead-letters.json')).toMatchObject([
      { stage: 'validator', code: 'MALFORMED_JSON', table: `${name}.t`, count: 2 },
      { stage: 'validator', code: 'MALFORMED_JSON', table: null, count: 1 },
    ]);
    expect(read('about.json')).toMatchObject({
      environment: { KAFKA_BROKERS: env.KAFKA_BROKERS, MYSQL_URL: `mysql://${new URL(env.MYSQL_URL).host}` },
    });
    const { password } = new URL(env.MYSQL_URL);
    const all = Object.values(texts).join('');
    for (const secret of [...Object.values(planted), password]) expect(all).not.toContain(secret);
  });

  it('holds a sentence for each server that does not answer', async () => {
    const path = join(folder, `${uniqueName('silent')}.tar.gz`);
    const password = 'p%40ssw%C3%B6rd';
    const { files } = await supportBundle(
      { log: silent },
      {
        path,
        variables: {
          ...{
            SYNC_CONFIG: syncFile,
            MYSQL_URL: `mysql://root:${password}@127.0.0.1:1`,
            KAFKA_BROKERS: '127.0.0.1:1',
          },
          ...{
            MONGODB_URI: `mongodb://root:${password}@127.0.0.1:1/?tls=false`,
            REDIS_URL: `redis://:${password}@127.0.0.1:1`,
          },
        },
      },
    );
    const sentences = new Map(files.map(({ file, error }) => [file, error]));
    for (const file of ['source.json', 'capture.json', 'snapshots.json'])
      expect(sentences.get(file)).toContain('MySQL does not answer at 127.0.0.1:1');
    for (const file of [
      'heartbeats.json',
      'services.json',
      'consumers.json',
      'topics.json',
      'dead-letters.json',
    ])
      expect(sentences.get(file)).toEqual(expect.any(String));
    const texts = filesOf(path);
    expect(JSON.parse(texts['source.json']!)).toEqual({ error: sentences.get('source.json') });
    expect(JSON.parse(texts['doctor.json']!)).toMatchObject([
      ...['mysql', 'kafka', 'services', 'mongo', 'redis'].map((server) => ({ server, level: 'fail' })),
    ]);
    const all = Object.values(texts).join('');
    for (const secret of [password, decodeURIComponent(password)]) expect(all).not.toContain(secret);
  });

  it('is made without a sync file too, and overwrites nothing', async () => {
    const path = join(folder, `${uniqueName('bare')}.tar.gz`);
    const input = { path, variables: { SYNC_CONFIG: join(folder, 'none.yaml') } };
    const { files } = await supportBundle({ log: silent }, input);
    expect(files.filter(({ error }) => error === null).map(({ file }) => file)).toEqual(['about.json']);
    const before = readFileSync(path);
    await expect(supportBundle({ log: silent }, input)).rejects.toMatchObject({ code: 'EXISTS' });
    expect(readFileSync(path)).toEqual(before);
  });
});
