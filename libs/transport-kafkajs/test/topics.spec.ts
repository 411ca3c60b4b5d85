import { rowSchema } from '@tributary/contract';
import { stackEnv, waitFor } from '@tributary/testing';
import {
  HeartbeatPublisher,
  Publisher,
  readHeartbeats,
  readTail,
  SchemaStore,
  TopicAdmin,
  type Heartbeat,
} from '../src';
import { Bench, numbered } from './support';

jest.setTimeout(60_000);

describe('topics', () => {
  const bench = new Bench();
  const admin = new TopicAdmin(bench.kafka());
  const publisher = new Publisher(bench.kafka(), bench.log);

  beforeAll(() => publisher.start());
  afterAll(async () => {
    await publisher.stop();
    await bench.clear();
  });

  describe('TopicAdmin', () => {
    it('makes the topics of a pipeline once, also when services start together', async () => {
      const config = bench.config(5);
      await Promise.all([1, 2, 3].map(() => admin.ensureTopics(config)));
      await admin.ensureTopics(config);
      const client = bench.kafka().client.admin();
      await client.connect();
      const { topics } = await client.fetchTopicMetadata({ topics: Object.values(config.topics) });
      const settings = await client.describeConfigs({
        includeSynonyms: false,
        resources: Object.values(config.topics).map((name) => ({ type: 2, name })),
      });
      await client.disconnect();
      const partitions = Object.fromEntries(topics.map((topic) => [topic.name, topic.partitions.length]));
      const { changes, validated, deadLetters, schemas, heartbeats, notes } = config.topics;
      expect(partitions).toEqual({
        [changes]: 5,
        [validated]: 5,
        [deadLetters]: 5,
        [schemas]: 1,
        [heartbeats]: 1,
        [notes]: 1,
      });
      const setting = (topic: string, name: string) =>
        settings.resources
          .find(({ resourceName }) => resourceName === topic)
          ?.configEntries.find(({ configName }) => configName === name)?.configValue;
      expect(setting(changes, 'max.message.bytes')).toBe('50331648');
      expect(setting(schemas, 'cleanup.policy')).toBe('compact');
      expect(setting(heartbeats, 'cleanup.policy')).toBe('compact');
    });

    it('R14: refuses a topic that has fewer partitions than the sync file, and lets one be that has more', async () => {
      const config = await bench.pipeline(5);
      await expect(admin.ensureTopics(bench.config(7, config.prefix))).rejects.toMatchObject({
        kind: 'fatal',
        code: 'TOPIC_PARTITIONS',
        message: expect.stringMatching(
          new RegExp(`${config.topics.changes} has 5 .* 7 are wanted: set topics.partitions`),
        ),
      });
      await admin.ensureTopics(bench.config(3, config.prefix));
    });

    it('says in one sentence that the broker cannot be reached, within 10 s', async () => {
      const start = Date.now();
      await expect(
        new TopicAdmin(bench.kafka('127.0.0.1:1')).ensureTopics(bench.config()),
      ).rejects.toMatchObject({
        kind: 'retry',
        code: 'UNREACHABLE',
        message: expect.stringMatching(/^Kafka does not answer at 127\.0\.0\.1:1 .*check KAFKA_BROKERS.*$/),
      });
      expect(Date.now() - start).toBeLessThan(11_000);
    });

    it('measures watermarks and the lag of a group that has read nothing', async () => {
      const { topics } = await bench.pipeline(2);
      await publisher.send(
        topics.changes,
        numbered(10, () => 'k').map((record) => ({ ...record, partition: 1 })),
      );
      expect(await admin.watermarks(topics.changes)).toEqual(
        new Map([
          [0, { low: 0n, high: 0n }],
          [1, { low: 0n, high: 10n }],
        ]),
      );
      expect(await admin.groupLag('nobody', topics.changes)).toEqual(
        new Map([
          [0, 0n],
          [1, 10n],
        ]),
      );
      expect(await admin.groupMembers('nobody')).toBe(0);
      await admin.ping();
    });
  });

  it.each([
    ['two hours ahead, more than a broker forgives', 2],
    ['ten days behind, more than what topics keep', -240],
  ])('R11: a service whose clock is %s has its records taken and kept', async (_what, hours) => {
    const { topics } = await bench.pipeline(1);
    const real = Date.now;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => real() + hours * 3_600_000);
    try {
      await publisher.send(
        topics.changes,
        numbered(3, () => 'k'),
      );
    } finally {
      clock.mockRestore();
    }
    const times = (await readTail(bench.kafka(), topics.changes, 3)).map(({ timestamp }) =>
      Number(timestamp),
    );
    expect(times).toHaveLength(3);
    for (const time of times) expect(Math.abs(time - Date.now())).toBeLessThan(600_000);
  });

  it('readTail gives the last records of every partition', async () => {
    const { topics } = await bench.pipeline(2);
    const to = (partition: number, count: number) =>
      numbered(count, () => 'k').map((record) => ({ ...record, partition }));
    await publisher.send(topics.changes, [...to(0, 5), ...to(1, 1000)]);
    const tail = await readTail(bench.kafka(), topics.changes, 3);
    const of = (partition: number) =>
      tail.filter((record) => record.partition === partition).map(({ value }) => String(value));
    expect([of(0), of(1)]).toEqual([
      ['2', '3', '4'],
      ['997', '998', '999'],
    ]);
    expect(await readTail(bench.kafka(), topics.validated, 3)).toEqual([]);
    await expect(readTail(bench.kafka(), 'kafkalib_no_such_topic', 1)).rejects.toMatchObject({
      kind: 'retry',
      code: 'KAFKA_TOPIC',
    });
  });

  describe('SchemaStore', () => {
    const schemaOf = (table: string, length: number) =>
      rowSchema({
        table,
        key: ['id'],
        columns: [
          {
            name: 'id',
            field: 'id',
            kind: 'text',
            sourceKind: 'text',
            sqlType: `varchar(${length})`,
            nullable: false,
            length,
          },
        ],
      });

    it('knows what was published before, follows, and resolves what it has not read yet', async () => {
      const { topics } = await bench.pipeline(1);
      const [old, newer, other] = [schemaOf('a.b', 1), schemaOf('a.b', 2), schemaOf('a.c', 1)];
      const writer = new SchemaStore(bench.kafka(), topics.schemas, bench.log);
      await writer.publish(publisher, old);
      const proxy = await bench.proxy();
      const store = new SchemaStore(bench.kafka(proxy.address), topics.schemas, bench.log);
      await store.start();
      expect(store.get(old.fingerprint)).toEqual(old);
      expect(await store.resolve(newer.fingerprint)).toBeUndefined();
      await writer.publish(publisher, newer);
      await writer.publish(publisher, other);
      expect(await store.resolve(other.fingerprint)).toEqual(other);
      expect(store.forTable('a.b')).toEqual([old, newer]);
      await writer.publish(publisher, old);
      await waitFor(() => store.forTable('a.b').at(-1)?.fingerprint === old.fingerprint);

      proxy.cut({ refuse: true });
      await expect(store.resolve('0123456789abcdef')).rejects.toMatchObject({ kind: 'retry' });
      const late = schemaOf('a.d', 1);
      await writer.publish(publisher, late);
      proxy.accept();
      await waitFor(() => store.get(late.fingerprint), { timeoutMs: 20_000 });
      const start = Date.now();
      await store.stop();
      expect(Date.now() - start).toBeLessThan(1000);
    });

    it('skips a record that holds no schema and keeps the others', async () => {
      const { topics } = await bench.pipeline(1);
      const good = schemaOf('a.b', 1);
      await publisher.send(topics.schemas, [
        { key: 'deadbeef', value: '{"table":' },
        { key: 'deadbeef', value: JSON.stringify(good) },
        { key: good.fingerprint, value: JSON.stringify(good) },
      ]);
      const store = new SchemaStore(bench.kafka(), topics.schemas, bench.log);
      await store.start();
      expect(store.forTable('a.b')).toEqual([good]);
      await store.stop();
    });
  });

  it('heartbeats: the last of every instance that has not retired', async () => {
    const { topics } = await bench.pipeline(1);
    const beats = new HeartbeatPublisher(publisher, topics.heartbeats);
    const beat = (instance: string, at: string): Heartbeat => ({
      ...{
        app: 'validator',
        instance,
        pid: 1,
        host: 'h',
        port: 1,
        startedAt: at,
        at,
        ready: true,
        trouble: null,
      },
      ...{ tables: {}, lagEvents: null },
    });
    await beats.publish(beat('one', '2026-01-01T00:00:00Z'));
    await beats.publish(beat('two', '2026-01-01T00:00:01Z'));
    await beats.publish(beat('one', '2026-01-01T00:00:02Z'));
    await beats.retire({ app: 'validator', instance: 'two' });
    await publisher.send(topics.heartbeats, [{ key: 'validator/three', value: 'no json' }]);
    expect(await readHeartbeats(bench.kafka(stackEnv().KAFKA_BROKERS), topics.heartbeats)).toEqual([
      beat('one', '2026-01-01T00:00:02Z'),
    ]);
  });
});
