import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openMysql, type Connection } from '@tributary/capture';
import {
  createKafka,
  DeadLetters,
  originalHeaders,
  Publisher,
  readTail,
  TopicAdmin,
  type OutRecord,
  type PlacedRecord,
} from '@tributary/kafka';
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

/** Entries instead of members: Jest does not compare `__proto__`, and a lone value may come as a list of one. */
const plainly = ({ key, value, headers }: Pick<PlacedRecord, 'key' | 'value' | 'headers'>) => ({
  key,
  value,
  headers: Object.entries(headers)
    .map(([header, held]) => [header, ...(Array.isArray(held) ? held : [held])])
    .sort(),
});

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
        await Promise.all([
          admin.query(`UPDATE ${name}.t SET n = ${n} WHERE id = ${10 + (n % 200)}`),
          sleep(2),
        ]);
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
    const refused = { applied: 0, superseded: 0, rejected: 1, pending: 0 };
    expect(replayed).toMatchObject({
      code: 1,
      result: { replayed: 1, rejectedAgain: 1, settled: true, targets: { mongo: refused, redis: refused } },
    });
    const again = await list();
    expect(again.map(({ id }) => id)).not.toContain(letter.id);
    expect(again).toHaveLength(1);
    expect((await run('dlq', 'discard', '--table', `${name}.*`)).result).toEqual({ discarded: 1 });
    expect(await list()).toEqual([]);
  }, 180_000);

  describe('dead letters', () => {
    interface Listed {
      total: number;
      letters: { id: string; code: string; stage: string; table: string; at: string }[];
    }
    interface Outcome {
      applied: number;
      superseded: number;
      rejected: number;
      pending: number;
    }
    interface Replayed {
      replayed: number;
      events: number;
      rejectedAgain: number;
      settled: boolean;
      targets: Record<'mongo' | 'redis', Outcome>;
      notReplayable: number;
      notReplayableLetters: { letter: string; why: string; command?: string }[];
    }
    const list = async (...filter: string[]) => (await run<Listed>('dlq', 'list', ...filter)).result;
    const letters = (n: number, ...filter: string[]) =>
      waitFor(
        async () => {
          const found = await list(...filter);
          return found.total === n && found.letters;
        },
        { timeoutMs: 30_000, everyMs: 300 },
      );
    /** A row's event that passed the validator: no tombstone, and no control record of a load. */
    const anyChange = async () =>
      (await readTail(kafka, `${name}.validated`, 100)).find(
        ({ value, headers }) => value !== null && headers['control'] === undefined,
      );
    const outcome = (applied: number, superseded: number, rejected = 0, pending = 0): Outcome => ({
      ...{ applied, superseded, rejected, pending },
    });
    const publish = async (topic: string, ...records: OutRecord[]) => {
      const publisher = new Publisher(kafka, silent);
      await publisher.start();
      await publisher.send(`${name}.${topic}`, records);
      await publisher.stop();
    };
    afterEach(() => run('dlq', 'discard'));

    it('R4: replay tells for each target what was applied and what a newer state superseded', async () => {
      const ids = [500, 501, 502, 503];
      // Redis refuses these rows, MongoDB takes them.
      for (const id of ids) await redis.set(`${name}:t:${id}`, 'in the way');
      await admin.query(`INSERT INTO ${name}.t (id, n, s) VALUES ?`, [ids.map((id) => [id, 1, 'first'])]);
      const refused = await letters(4);
      expect(new Set(refused.map(({ code, stage }) => `${stage} ${code}`))).toEqual(
        new Set(['redis-sink TARGET_REJECTED']),
      );
      await redis.del(...ids.map((id) => `${name}:t:${id}`));
      await admin.query(`UPDATE ${name}.t SET s = 'second' WHERE id = 501`);
      await admin.query(`DELETE FROM ${name}.t WHERE id = 502`);
      await waitFor(async () => (await redis.hget(`${name}:t:501`, 's')) === 'second', { timeoutMs: 30_000 });
      await waitFor(() => redis.exists(`tributary:tombstone:${name}:t:502`), { timeoutMs: 30_000 });
      // The shape changes, so the loads that follow outrank what was written in the old one.
      await admin.query(`ALTER TABLE ${name}.t ADD COLUMN extra INT DEFAULT 7`);
      await waitFor(async () => (await redis.hget(`${name}:t:503`, 'extra')) === '7', { timeoutMs: 60_000 });

      expect((await list('--stage', 'validator')).total).toBe(0);
      expect((await list('--until', refused[0]!.at)).total).toBe(0);
      expect((await list('--since', '1h', '--limit', '1')).letters).toHaveLength(1);
      const first = await run<Replayed>('dlq', 'replay', '--stage', 'redis-sink');
      expect(first).toMatchObject({ code: 0, result: { replayed: 4, events: 4, rejectedAgain: 0 } });
      expect(first.result.targets).toEqual({ mongo: outcome(0, 4), redis: outcome(0, 4) });
      expect(await redis.hget(`${name}:t:501`, 's')).toBe('second');
      expect(await redis.exists(`${name}:t:502`)).toBe(0);

      await redis.set(`${name}:t:504`, 'in the way');
      await admin.query(`INSERT INTO ${name}.t VALUES (504, 1, 'fourth', 1)`);
      const [letter] = await letters(1);
      await redis.del(`${name}:t:504`);
      const second = await run<Replayed>('dlq', 'replay', letter!.id);
      expect(second.result.targets).toEqual({ mongo: outcome(1, 0), redis: outcome(1, 0) });
      expect(second.code).toBe(0);
      expect(await redis.hget(`${name}:t:504`, 's')).toBe('fourth');
      await expect(run('dlq', 'replay', letter!.id)).rejects.toThrow(/no open letter/);
    }, 180_000);

    it('R11: bytes stay the original ones, through death, replay and death again', async () => {
      const strange = {
        key: Buffer.concat([Buffer.from([0x22, 0xff, 0xfe, 0x00]), randomBytes(4)]),
        value: Buffer.from([0xc3, 0x28, 0x00, 0x1b, 0x5b]),
        headers: {
          twice: [Buffer.from('a'), Buffer.from([0xff])],
          empty: Buffer.alloc(0),
          none: null,
          v: null,
          'dlq.stage': Buffer.from('not yours'),
          'dlq.letter': Buffer.from('0:0'),
          toString: Buffer.from('inherited'),
          ['__proto__']: Buffer.from('proto'),
        },
        partition: 1,
      };
      // Those of this test alone, by the key; marks have no code.
      const held = async () =>
        (await readTail(kafka, `${name}.dead-letters`, 10_000))
          .filter(({ key, headers }) => key?.equals(strange.key) && Object.hasOwn(headers, 'dlq.code'))
          .map(({ key, value, headers }) => plainly({ key, value, headers: originalHeaders(headers) }));
      await publish('changes', strange);
      const [letter] = await letters(1);
      expect(await held()).toEqual([plainly(strange)]);
      const shown = await run<{ key: string; value: string; headers: object }>('dlq', 'show', letter!.id);
      expect(shown.result.value).toBe(`base64:${strange.value.toString('base64')}`);
      const replayed = await run<Replayed>('dlq', 'replay');
      expect(replayed.code).toBe(1);
      expect(replayed.result.targets.mongo).toEqual(outcome(0, 0, 1));
      expect(await held()).toEqual([plainly(strange), plainly(strange)]);
    }, 180_000);

    it('an event that both sinks refused is sent once, and refused by the validator before it reaches them', async () => {
      const validated = await anyChange();
      const { key, value, headers } = validated!;
      await publish('validated', { key, value, headers: { ...headers, crc: '0' }, partition: 0 });
      const both = await letters(2);
      expect(both.map(({ stage }) => stage).sort()).toEqual(['mongo-sink', 'redis-sink']);
      const { code, result } = await run<Replayed>('dlq', 'replay', '--reason', 'CRC_MISMATCH');
      expect(code).toBe(1);
      expect(result).toMatchObject({ replayed: 2, events: 1, rejectedAgain: 1 });
      expect(result.targets).toEqual({ mongo: outcome(0, 0, 1), redis: outcome(0, 0, 1) });
      expect((await letters(1)).map(({ stage }) => stage)).toEqual(['validator']);
    }, 180_000);

    it('says what to do with letters that cannot be sent again as they are, and leaves them open', async () => {
      const validated = await anyChange();
      const publisher = new Publisher(kafka, silent);
      await publisher.start();
      const relay = new DeadLetters(publisher, `${name}.dead-letters`, 'trigger-relay');
      const record = { ...validated!, key: Buffer.from(`{"table":"${name}.t","key":{"id":7}}`), value: null };
      const rejection = { code: 'OVERSIZE', reason: 'too large' } as const;
      await relay.send([{ record, topic: `${name}.changes`, partition: 0, rejection }]);
      await publisher.stop();
      await publish('changes', { key: '{"table":"no.longer","key":{"id":1}}', value: '{}' });
      await letters(2);
      const { code, result } = await run<Replayed>('dlq', 'replay');
      expect(code).toBe(1);
      expect(result).toMatchObject({ replayed: 0, notReplayable: 2 });
      const [large, gone] = [...result.notReplayableLetters].sort((a) => (a.command ? -1 : 1));
      expect(large!.command).toBe(`tributary snapshot start --table ${name}.t --where '\`id\` = 7'`);
      expect(gone!.why).toContain('No entry of the sync file matches no.longer');
      expect((await list()).total).toBe(2);
    }, 180_000);
  });

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

    const started = await run<{ id: string; created: boolean }[]>('snapshot', 'start', '--where', 'id < 10');
    expect(started.result).toMatchObject([{ table: `${name}.t`, created: true }]);
    const watched = await tributary(bundles, ['snapshot', 'status', '--watch'], { SYNC_CONFIG: config });
    expect(watched.out).toMatch(/id < 10/);
    expect(watched.out).not.toMatch(/running|queued/);
    const again = await run<{ id: string }[]>('snapshot', 'start', '--where', 'id < 5');
    const { id } = again.result[0]!;
    const lines = await tributary(bundles, ['snapshot', 'status', '--watch', '--json'], {
      SYNC_CONFIG: config,
    });
    const seen = lines.out.trim().split('\n');
    const last = JSON.parse(seen.at(-1)!) as { id: string; state: string; rowsDone: number }[];
    expect(last.find((job) => job.id === id)).toMatchObject({ state: 'done', rowsDone: 5 });
    // A load that has ended can be neither paused nor cancelled.
    for (const action of ['pause', 'resume', 'cancel'])
      expect((await run('snapshot', action, '--job', id)).result).toEqual({ action, jobs: 0 });
    await expect(run('snapshot', 'cancel', '--job', '999999')).rejects.toThrow(
      'No load is of this table or number',
    );
    await expect(run('snapshot', 'start', '--where', 'no such column')).rejects.toThrow(
      /with this condition cannot be loaded, the server says: You have an error in your SQL syntax/,
    );
  }, 60_000);
});
