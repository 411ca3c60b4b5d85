import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadLetterHeader, formatVersion, headerText } from '@tributary/contract';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, waitFor } from '@tributary/testing';
import { loadsGroup } from '@tributary/topics';
import { groupLag, readTail, type RecordPublisher } from '@tributary/transport';
import { createKafka, type KafkajsTransport } from '@tributary/transport-kafkajs';
import { BulkLoad } from './support/bulk-load';
import { itLong } from './support/flavours';
import { Pipeline } from './support/pipeline';

jest.setTimeout(300_000);

const ROWS = 6_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

interface Status {
  readonly stages: readonly { readonly stage: string; readonly lagEvents: number }[];
  readonly loads: readonly { readonly stage: string; readonly lagEvents: number }[];
}

interface Traced {
  readonly verdict: { readonly code: string; readonly sentence: string };
}

interface History {
  readonly events: readonly { readonly op: string; readonly validatedAt: string | null }[];
}

describe('bulk records of a load, through the whole pipeline', () => {
  const pipeline = new Pipeline();
  const table = () => `${pipeline.database}.items`;
  let config: SyncConfig;
  let kafka: KafkajsTransport;
  let publisher: RecordPublisher;
  let sent: Record<string, unknown>[];

  const begin = () => BulkLoad.begin(pipeline, kafka, publisher, config, table());
  const row = (id: number, v: number) => ({ id, v, name: `item ${id}` });
  const insert = async (rows: readonly Record<string, unknown>[]) => {
    for (let at = 0; at < rows.length; at += 5_000)
      await pipeline.admin.query('INSERT INTO items (id, v, name) VALUES ?', [
        rows.slice(at, at + 5_000).map(({ id, v, name }) => [id, v, name]),
      ]);
  };
  const counts = async () => [
    await pipeline.collection('items').countDocuments(),
    await pipeline.redis.scard(table().replace('.', ':')),
  ];

  /** Bulk records that a sink has still to confirm. */
  const waiting = async (app: string) => {
    const { prefix, topics } = config;
    const lag = await groupLag(kafka.admin(), loadsGroup(`${prefix}.${app}`), topics.validatedLoads);
    return Number([...lag.values()].reduce((sum, one) => sum + one, 0n));
  };
  /** The topics of all dead letters, by what they say. */
  const refusedOn = async () =>
    (await readTail(kafka, config.topics.deadLetters, 100)).flatMap(
      ({ headers }) => headerText(headers, deadLetterHeader.topic) ?? [],
    );

  beforeAll(async () => {
    await pipeline.prepare(['CREATE TABLE items (id INT PRIMARY KEY, v INT NOT NULL, name VARCHAR(50))']);
    config = parseSyncConfig(readFileSync(pipeline.syncFile, 'utf8'));
    const brokers = stackEnv().KAFKA_BROKERS.split(',');
    kafka = createKafka({ brokers, clientId: 'e2e-loads', partitions: config.partitions }, quiet);
    publisher = kafka.publisher();
    await publisher.start();
    sent = Array.from({ length: ROWS }, (_, at) => row(at + 1, 1));
    await insert(sent);
    await pipeline.startAll();
    await pipeline.untilEqual();
  });
  afterAll(async () => {
    await publisher.stop();
    await pipeline.stop();
  });

  it('R4, R5, R6, R12: beside live writes, under kill -9 of every stage, the targets end equal to the source', async () => {
    // Rows that no trigger told of, older than the load: it does not find them.
    const ghosts = await begin();
    await publisher.send(
      config.topics.changes,
      [900_001, 900_002, 900_003].map((id) => ghosts.record(row(id, 0))),
    );
    await waitFor(async () => (await counts()).every((count) => count === ROWS + 3), { timeoutMs: 30_000 });
    const load = await begin();
    let writing = true;
    const written: number[] = [];
    const writer = (async () => {
      for (let turn = 0; writing; turn += 1) {
        const id = (turn * 7) % ROWS;
        await pipeline.admin.query('UPDATE items SET v = v + 1 WHERE id = ?', [id]);
        if (turn % 5 === 0) await pipeline.admin.query('DELETE FROM items WHERE id = ?', [id + 1]);
        if (turn % 9 === 0) await insert([row(1_000_000 + turn, 7)]);
        written.push(id);
        await sleep(5);
      }
    })();
    try {
      // As it was when the floor was taken: what is written meanwhile has higher versions.
      for (let at = 0; at < ROWS; at += 1_000) {
        await load.rows(sent.slice(at, at + 1_000));
        // Beside live writes, however slow the machine is.
        await waitFor(() => written.length > at / 250, { timeoutMs: 30_000 });
        const app = ({ 1_000: 'mongo-sink', 2_000: 'validator', 3_000: 'redis-sink' } as const)[at];
        if (!app) continue;
        await pipeline.services.get(app)!.end('SIGKILL');
        await pipeline.start(app);
      }
      await load.say('sweep');
    } finally {
      writing = false;
      await writer;
    }
    expect(written.length).toBeGreaterThan(20);
    await pipeline.untilEqual(150_000);
    await waitFor(
      async () => {
        const [mongo] = await pipeline
          .collection('items')
          .find({ _id: { $gt: 900_000 as never } })
          .toArray();
        const ids = await pipeline.redis.smembers(table().replace('.', ':'));
        return Number(mongo?._id ?? 1_000_000) >= 1_000_000 && !ids.some((id) => /^9000/.test(id));
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    await pipeline.untilEqual();
    expect(await pipeline.deadLetters()).toEqual([]);
  });

  it('status tells what waits of it apart from live changes', async () => {
    await pipeline.services.get('mongo-sink')!.end('SIGTERM');
    const load = await begin();
    const [now] = await pipeline.admin.query('SELECT id, v, name FROM items ORDER BY id LIMIT 500');
    await load.rows(now as Record<string, unknown>[]);
    // The 500 rows and the beginning of the load in each partition.
    await waitFor(async () => (await waiting('mongo-sink')) === 504, { timeoutMs: 60_000, everyMs: 200 });
    await waitFor(async () => (await waiting('redis-sink')) === 0, { timeoutMs: 60_000, everyMs: 200 });
    const { result } = await pipeline.json<Status>('status');
    expect(result.loads).toMatchObject([{ stage: 'mongo-sink', lagEvents: 504 }]);
    expect(result.stages.find(({ stage }) => stage === 'mongo-sink')?.lagEvents).toBe(0);
    expect((await pipeline.cli('status')).stdout).toMatch(/bulk records wait in[\s\S]*mongo-sink +504/);
    await pipeline.start('mongo-sink');
    await waitFor(async () => (await waiting('mongo-sink')) === 0, { timeoutMs: 60_000, everyMs: 200 });
    expect((await pipeline.cli('status')).stdout).not.toContain('bulk records');
  });

  itLong(
    'trace says that a row waits with its load and before whom, and history shows what came by it',
    async () => {
      const id = 77;
      await pipeline.admin.query('REPLACE INTO items VALUES (?, 1, ?)', [id, 'by a load']);
      await pipeline.untilEqual();
      await pipeline.collection('items').deleteOne({ _id: id as never });
      const until = async (code: string) => {
        const reached = async () => (await pipeline.trace(table(), String(id))).verdict.code === code;
        await waitFor(reached, { timeoutMs: 60_000 });
        return (await pipeline.json<Traced>('trace', table(), String(id))).result;
      };
      expect(await until('FOREIGN_EDIT')).toMatchObject({
        loads: { events: [] },
        validatedLoads: { events: [] },
      });
      await pipeline.services.get('validator')!.end('SIGTERM');
      await pipeline.services.get('mongo-sink')!.end('SIGTERM');
      const load = await begin();
      await load.rows([{ id, v: 1, name: 'by a load' }]);
      const before = await until('BEFORE_VALIDATOR');
      expect(before.verdict.sentence).toMatch(/waits for validator: no validator runs/);
      expect(before).toMatchObject({ loads: { events: [{ op: 'r' }] } });
      expect((await pipeline.cli('trace', table(), String(id))).stdout).toMatch(/loads +r version/);
      await pipeline.start('validator');
      const validated = await until('BEFORE_SINK');
      expect(validated.verdict.sentence).toMatch(/waits for mongo-sink/);
      expect(validated).toMatchObject({ validatedLoads: { events: [{ op: 'r' }] } });
      await pipeline.start('mongo-sink');
      await until('IN_SYNC');
      const { result } = await pipeline.json<History>('history', table(), String(id));
      expect(result.events[0]).toMatchObject({ op: 'r', snapshot: true, targets: { mongo: 'applied' } });
      expect(result.events[0]!.validatedAt).not.toBeNull();
    },
  );

  it('R11: a row that the validator refuses is a dead letter of that topic, is spared by the sweep, and can be replayed', async () => {
    const id = 31;
    await pipeline.admin.query('INSERT IGNORE INTO items VALUES (?, 1, ?)', [id, 'x']);
    await pipeline.untilEqual();
    const [[last]] = (await pipeline.admin.query('SELECT MAX(id) AS id FROM items')) as unknown as [
      { id: number }[],
    ];
    const load = await begin();
    const [now] = await pipeline.admin.query('SELECT id, v, name FROM items WHERE id <> ?', [id]);
    const good = load.record(row(id, 1));
    const damaged = { ...good, headers: { ...good.headers, crc: '00000001' } };
    await publisher.send(config.topics.loads, [damaged]);
    await load.rows(now as Record<string, unknown>[]);
    await load.say('sweep');
    await waitFor(async () => (await pipeline.deadLetters()).length === 1, { timeoutMs: 60_000 });
    expect((await pipeline.deadLetters())[0]).toMatchObject({ code: 'CRC_MISMATCH', table: table() });
    expect(await refusedOn()).toEqual([config.topics.loads]);
    for (const app of ['mongo-sink', 'redis-sink'])
      await waitFor(async () => (await waiting(app)) === 0, { timeoutMs: 60_000, everyMs: 200 });
    // Its row is older than the load and yet not gone.
    const document = await pipeline
      .collection('items')
      .findOne({ _id: id as never }, { promoteLongs: false });
    expect(String(document!['_sync'].v).padStart(19, '0') < formatVersion(1, 10n ** 14n)).toBe(true);
    expect(await pipeline.collection('items').findOne({ _id: last!.id as never })).not.toBeNull();
    // What is damaged stays so; it goes by the live topic now.
    await pipeline.cli('dlq', 'replay');
    await waitFor(async () => (await refusedOn()).length === 2, { timeoutMs: 60_000 });
    expect((await refusedOn()).sort()).toEqual([config.topics.changes, config.topics.loads]);
    expect(await pipeline.deadLetters()).toHaveLength(1);
    await pipeline.untilEqual();
  });
});
