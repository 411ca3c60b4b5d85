import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMysql, type Connection } from '@tributary/capture';
import { createKafka, Publisher, TopicAdmin } from '@tributary/kafka';
import { connectMongo, connectRedis } from '@tributary/targets';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import type { Redis } from 'ioredis';
import type { Connection as MongoConnection } from 'mongoose';
import { build, root, tributary } from './tributary';

const env = stackEnv();
const name = uniqueName('cli');
const folder = mkdtempSync(join(tmpdir(), 'tributary-pipeline-'));
const config = join(folder, 'sync.yaml');
const services = ['trigger-relay', 'validator', 'mongo-sink', 'redis-sink'];
const ROWS = 300;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const kafka = createKafka({ brokers: env.KAFKA_BROKERS.split(','), clientId: 'test' }, silent);

let bundles: string;
let admin: Connection;
let mongo: MongoConnection;
let redis: Redis;
const running: ChildProcess[] = [];

/** Runs a command with `--json`. */
async function run<T>(...args: string[]): Promise<{ code: number | null; result: T }> {
  const { code, out, err } = await tributary(bundles, [...args, '--json'], { SYNC_CONFIG: config });
  if (out === '') throw new Error(`${args.join(' ')}: ${err}`);
  return { code, result: JSON.parse(out) as T };
}

interface Verified {
  equal: boolean;
  tables: { target: string; rows: number; repaired: number; notRepaired: number }[];
  examples: { target: string; kind: string; id: string }[];
}

beforeAll(async () => {
  bundles = build('cli', ...services);
  writeFileSync(
    config,
    `topics: { prefix: ${name}, partitions: 2 }\ncapture: { schema: tributary_${name} }\ntables: [ { table: ${name}.t } ]\n`,
  );
  admin = await openMysql(env.ADMIN_MYSQL_URL);
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.query(`CREATE TABLE ${name}.t (id INT PRIMARY KEY, n BIGINT, s VARCHAR(50))`);
  const rows = Array.from({ length: ROWS }, (_, id) => [id, id, `row ${id}`]);
  await admin.query(`INSERT INTO ${name}.t VALUES ?`, [rows]);
  mongo = await connectMongo(env.MONGODB_URI);
  redis = await connectRedis(env.REDIS_URL, () => undefined);
  await run('capture', 'install');
  for (const app of services) {
    const log = openSync(join(folder, `${app}.log`), 'w');
    running.push(
      spawn(process.execPath, [join(bundles, `${app}.js`)], {
        cwd: root,
        env: { ...process.env, SYNC_CONFIG: config, PORT: '0', LOG_LEVEL: 'info' },
        stdio: ['ignore', log, log],
      }),
    );
  }
  await waitFor(
    async () => {
      const { result } = await run<{ state: string }[]>('snapshot', 'status');
      return result.length === 1 && result[0]!.state === 'done';
    },
    { timeoutMs: 60_000, everyMs: 500 },
  ).catch((error: Error) => {
    const logs = services.map((app) => readFileSync(join(folder, `${app}.log`), 'utf8').slice(-500));
    throw new Error(`${error.message}\n${logs.join('\n')}`);
  });
}, 120_000);

afterAll(async () => {
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(
    running.map((child) => child.exitCode ?? new Promise((done) => child.once('exit', done))),
  );
  await admin?.query(`DROP DATABASE IF EXISTS ${name}`);
  await admin?.query(`DROP DATABASE IF EXISTS tributary_${name}`);
  admin?.destroy();
  await mongo?.getClient().db(name).dropDatabase();
  await mongo?.close();
  for await (const keys of redis?.scanStream({ match: `*${name}*`, count: 1000 }) ?? [])
    if ((keys as string[]).length > 0) await redis.del(...(keys as string[]));
  redis?.disconnect();
  const topics = new TopicAdmin(kafka);
  await topics.deleteTopics([...(await topics.topics())].filter((topic) => topic.startsWith(`${name}.`)));
  for (const path of [folder, bundles]) rmSync(path, { recursive: true, force: true });
}, 60_000);

describe('the command line on a running pipeline', () => {
  it('verifies the first load as equal', async () => {
    const { code, result } = await run<Verified>('verify');
    expect(result.examples).toEqual([]);
    expect([code, result.equal]).toEqual([0, true]);
    expect(result.tables.map(({ target, rows }) => [target, rows])).toEqual([
      ['mongo', ROWS],
      ['redis', ROWS],
    ]);
  }, 60_000);

  it('R4: repair brings every kind of difference to the truth through the pipeline, beside live changes', async () => {
    const collection = mongo.getClient().db(name).collection('t');
    await collection.updateOne({ _id: 1 as never }, { $set: { s: 'changed' } });
    await collection.deleteOne({ _id: 2 as never });
    await collection.insertOne({ _id: 9001 as never, s: 'stranger' });
    await redis.hset(`${name}:t:3`, 's', 'changed');
    await redis.del(`${name}:t:4`);
    await redis.hset(`${name}:t:9002`, 's', 'stranger');
    await redis.srem(`${name}:t`, '5');
    await redis.sadd(`${name}:t`, '9003');

    let stop = false;
    const writing = (async () => {
      for (let n = 0; !stop; n += 1)
        await admin.query(`UPDATE ${name}.t SET n = ${n} WHERE id = ${10 + (n % 200)}`);
    })();
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
    stop = true;
    await writing;
    expect((await run<Verified>('verify')).code).toBe(0);
  }, 180_000);

  it('R11: lists, shows, replays and discards dead letters', async () => {
    const publisher = new Publisher(kafka, silent);
    await publisher.start();
    const key = `{"table":"${name}.t","key":{"id":1}}`;
    await publisher.send(`${name}.changes`, [{ key, value: '{broken', headers: { v: '1'.repeat(19) } }]);
    await publisher.stop();
    interface Listed {
      letters: { id: string; code: string; table: string }[];
    }
    const list = async (...filter: string[]) => (await run<Listed>('dlq', 'list', ...filter)).result.letters;
    const letter = await waitFor(async () => (await list())[0], { timeoutMs: 20_000 });
    expect(letter).toMatchObject({ code: 'MALFORMED_JSON', table: `${name}.t` });
    expect(await list('--reason', 'INVALID_ROW')).toEqual([]);
    expect((await run('dlq', 'show', letter.id)).result).toMatchObject({ key, value: '{broken' });

    const replayed = await run('dlq', 'replay', letter.id);
    expect(replayed).toEqual({ code: 1, result: { replayed: 1, rejectedAgain: 1, settled: true } });
    const again = await list();
    expect(again.map(({ id }) => id)).not.toContain(letter.id);
    expect(again).toHaveLength(1);
    expect((await run('dlq', 'discard', '--table', `${name}.*`)).result).toEqual({ discarded: 1 });
    expect(await list()).toEqual([]);
  }, 90_000);

  it('shows tables, stages and instances, and loads a table again', async () => {
    const { code, result } = await run<{
      tables: { table: string; pending: number; deadLetters: number }[];
      stages: { stage: string; members: number }[];
      instances: { app: string; alive: boolean }[];
      unreachable: object;
    }>('status');
    expect(code).toBe(0);
    expect(result.unreachable).toEqual({});
    expect(result.tables).toMatchObject([{ table: `${name}.t`, pending: 0, deadLetters: 0 }]);
    expect(result.stages.map(({ stage, members }) => [stage, members])).toEqual([
      ['validator', 1],
      ['mongo-sink', 1],
      ['redis-sink', 1],
    ]);
    expect(result.instances.filter(({ alive }) => alive).map(({ app }) => app)).toEqual(
      expect.arrayContaining(['mongo-sink', 'redis-sink']),
    );

    const started = await run<{ created: boolean }[]>('snapshot', 'start', '--where', 'id < 10');
    expect(started.result).toMatchObject([{ table: `${name}.t`, created: true }]);
    const watched = await tributary(bundles, ['snapshot', 'status', '--watch'], { SYNC_CONFIG: config });
    expect(watched.out).toMatch(/id < 10/);
    expect(watched.out).not.toMatch(/running|queued/);
    await expect(run('snapshot', 'start', '--where', 'no such column')).rejects.toThrow(/--where is refused/);
  }, 60_000);
});
