import { randomBytes } from 'node:crypto';
import { formatVersion, header, topicNames, type RowSchema } from '@tributary/contract';
import { ensureTopics } from '@tributary/topics';
import { readTail, type InRecord } from '@tributary/transport';
import { createKafka } from '@tributary/transport-kafkajs';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName } from '@tributary/testing';
import {
  DeadLetterStore,
  DeadLetterWriter,
  eventIdentity,
  originalRecord,
  type RejectedEvent,
  type StoredDeadLetter,
} from '../src';

jest.setTimeout(60_000);

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const kafka = createKafka({ brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: 'dead-letters' }, silent);
const admin = kafka.admin();
const publisher = kafka.publisher();
const made: string[] = [];

const pipeline = async (partitions: number): Promise<SyncConfig> => {
  const prefix = uniqueName('dead');
  const config = parseSyncConfig(
    `topics: { prefix: ${prefix}, partitions: ${partitions} }\ntables: [{ table: a.b }]`,
  );
  made.push(...Object.values(config.topics));
  await ensureTopics(kafka, config);
  return config;
};
const rejection = { code: 'MALFORMED_JSON' as const, reason: 'Value is no JSON — ends after "{".' };
const content = (topic: string) => readTail(kafka, topic, 1_000);

beforeAll(() => publisher.start());

afterAll(async () => {
  await publisher.stop();
  const there = await admin.topics();
  await admin.deleteTopics(made.filter((topic) => there.has(topic)));
});

describe('DeadLetterWriter', () => {
  it('R11: a dead letter keeps key, value and headers byte for byte and its partition', async () => {
    const { topics } = await pipeline(3);
    const key = Buffer.from([0, 255, 1, 254]);
    const value = Buffer.from([0xc3, 0x28, 0, 0xff]);
    const headers = {
      v: '0001',
      crc: Buffer.from([0x80, 0]),
      twice: ['a', Buffer.from([1])],
      toString: 'odd name',
      empty: '',
    };
    await publisher.send(topics.changes, [
      { key, value, headers, partition: 2 },
      { key, value: null, partition: 1 },
    ]);
    const originals = await content(topics.changes);
    await new DeadLetterWriter(publisher, topics.deadLetters, 'validator').send(
      originals.map((record) => ({
        ...{ record, rejection },
        batch: { topic: topics.changes, partition: record.partition },
      })),
    );
    const dead = await content(topics.deadLetters);
    expect(dead.map(({ partition }) => partition).sort()).toEqual([1, 2]);
    const letter = dead.find(({ partition }) => partition === 2)!;
    expect([letter.key, letter.value]).toEqual([key, value]);
    const own = (record: InRecord) =>
      Object.fromEntries(
        Object.entries(record.headers).map(([name, held]) => [
          name,
          [held]
            .flat()
            .filter((one) => typeof one !== 'function')
            .map((one) => Buffer.from(one as Buffer).toString('hex')),
        ]),
      );
    const { 'dlq.at': at, ...rest } = own(letter);
    const hex = (text: string) => [Buffer.from(text).toString('hex')];
    expect(Date.parse(Buffer.from(at![0]!, 'hex').toString())).toBeGreaterThan(Date.now() - 60_000);
    expect(rest).toEqual({
      ...own(originals.find(({ partition }) => partition === 2)!),
      'dlq.stage': hex('validator'),
      'dlq.code': hex('MALFORMED_JSON'),
      'dlq.reason': hex('Value is no JSON — ends after "{".'),
      'dlq.topic': hex(topics.changes),
      'dlq.partition': hex('2'),
      'dlq.offset': hex('0'),
      'dlq.attempts': hex('1'),
    });
    expect(rest).toMatchObject({
      v: hex('0001'),
      twice: ['61', '01'],
      crc: ['8000'],
      toString: hex('odd name'),
    });
    expect(dead.find(({ partition }) => partition === 1)!.value).toBeNull();
  });

  it('says which topic has no room for a dead letter, and that it may be tried again', async () => {
    const { topics } = await pipeline(1);
    const record: InRecord = { key: Buffer.from('k'), value: null, headers: {}, offset: '0', timestamp: '0' };
    const large = { ...record, value: randomBytes(20_000) };
    const client = kafka.client.admin();
    await client.connect();
    await client.alterConfigs({
      validateOnly: false,
      resources: [
        {
          ...{ type: 2, name: topics.deadLetters },
          configEntries: [{ name: 'max.message.bytes', value: '10000' }],
        },
      ],
    });
    await client.disconnect();
    const writer = new DeadLetterWriter(publisher, topics.deadLetters, 'mongo-sink');
    await expect(
      writer.send([{ record: large, batch: { topic: topics.changes, partition: 0 }, rejection }]),
    ).rejects.toMatchObject({
      ...{ kind: 'retry', code: 'DEAD_LETTER_TOO_LARGE' },
      message: expect.stringContaining(`Topic ${topics.deadLetters} takes no dead letter of this size`),
    });
  });
});

describe('DeadLetterStore', () => {
  const schema: RowSchema = {
    ...{ table: 'a.b', fingerprint: 'f'.repeat(16), key: ['id'] },
    columns: [{ name: 'id', field: 'id', kind: 'int', nullable: false, sqlType: 'int' }],
  } as unknown as RowSchema;
  const schemas = { get: (fingerprint: string) => (fingerprint === schema.fingerprint ? schema : undefined) };
  const version = (id: number) => formatVersion(1, BigInt(id));
  const rowKey = (id: number) => `{"table":"a.b","key":{"id":${id}}}`;
  const event = (id: number, at: number): InRecord => ({
    key: Buffer.from(rowKey(id)),
    value: Buffer.from('{}'),
    headers: { [header.version]: Buffer.from(version(at)), [header.schema]: Buffer.from(schema.fingerprint) },
    ...{ offset: '7', timestamp: '0' },
  });
  const all = async (open: AsyncIterable<readonly StoredDeadLetter[]>) => {
    const found: StoredDeadLetter[] = [];
    for await (const piece of open) found.push(...piece);
    return found;
  };
  const reject = (config: SyncConfig, stage: string, ...records: InRecord[]) =>
    new DeadLetterWriter(publisher, config.topics.deadLetters, stage).send(
      records.map((record) => ({
        ...{ record, rejection },
        batch: { topic: config.topics.changes, partition: 0 },
      })),
    );

  it('answers nothing where no service has made the topic yet', async () => {
    const store = new DeadLetterStore(kafka, topicNames(uniqueName('no')));
    const open = await store.open();
    expect([open.count, await all(open.pieces({})), await store.find('0:0')]).toEqual([0, [], undefined]);
    expect(await store.newestByRow()).toEqual(new Map());
  });

  it('R11: replays both dead letters of an event as one, resolves what is done, and keeps the rest open', async () => {
    const config = await pipeline(1);
    const store = new DeadLetterStore(kafka, config.topics);
    await reject(config, 'mongo-sink', event(1, 10), event(2, 20));
    await reject(config, 'redis-sink', event(1, 10), event(3, 30));
    const open = await store.open();
    expect(open.count).toBe(4);
    const stored = await all(open.batches({}, undefined, Infinity));
    expect(stored.map(({ deadLetter: { id, stage, code, table } }) => [id, stage, code, table])).toEqual([
      ['0:0', 'mongo-sink', 'MALFORMED_JSON', 'a.b'],
      ['0:1', 'mongo-sink', 'MALFORMED_JSON', 'a.b'],
      ['0:2', 'redis-sink', 'MALFORMED_JSON', 'a.b'],
      ['0:3', 'redis-sink', 'MALFORMED_JSON', 'a.b'],
    ]);
    expect(
      (await all(open.batches({ stage: 'redis-sink' }, undefined, 1))).map(({ deadLetter }) => deadLetter.id),
    ).toEqual(['0:2']);

    const ends = await store.ends();
    const events = new Map<string, RejectedEvent>();
    for (const { deadLetter, record } of stored.filter(({ record }) => String(record.key) === rowKey(1))) {
      const original = originalRecord(record, 0);
      const deadLetters = events.get(eventIdentity(original))?.deadLetters ?? [];
      events.set(eventIdentity(original), { event: original, deadLetters: [...deadLetters, deadLetter] });
    }
    expect(events.size).toBe(1);
    expect(await store.replay(publisher, events)).toEqual(new Set());
    const [sent, ...others] = await content(config.topics.changes);
    expect([String(sent!.key), Object.keys(sent!.headers).sort(), others]).toEqual([
      rowKey(1),
      ['schema', 'v'],
      [],
    ]);
    await store.resolve(publisher, [stored[1]!.deadLetter], 'discarded');

    const later = await store.open();
    expect([later.count, later.has('0:0'), later.has('0:1'), later.has('0:2'), later.has('0:3')]).toEqual([
      1,
      false,
      false,
      false,
      true,
    ]);
    expect(await store.countByTable(100n)).toEqual(new Map([['a.b', 1]]));
    expect(await store.countByTable(3n)).toBeUndefined();
    // A resolution is no dead letter, wherever it is met.
    expect((await store.find('0:0'))?.offset).toBe('0');
    expect(await store.find('0:4')).toBeUndefined();
    for await (const { deadLetter } of store.since(ends)) throw new Error(`${deadLetter.id} resolves one`);
  });

  it('R4: tells the newest dead letter of a row and the rows of a table from a version on, resolved or not', async () => {
    const config = await pipeline(1);
    const store = new DeadLetterStore(kafka, config.topics);
    await reject(config, 'mongo-sink', event(1, 10), event(1, 12), event(1, 11), event(2, 20));
    // What was sent with a header of ours already: the last one counts, for every reader.
    const twice = {
      ...event(3, 30),
      headers: { ...event(3, 30).headers, 'dlq.code': Buffer.from('THEIRS') },
    };
    await reject(config, 'redis-sink', twice);
    const newest = await store.newestByRow();
    expect([...newest].map(([key, { id, version: held, code }]) => [key, id, held, code])).toEqual([
      [rowKey(1), '0:1', version(12), 'MALFORMED_JSON'],
      [rowKey(2), '0:3', version(20), 'MALFORMED_JSON'],
      [rowKey(3), '0:4', version(30), 'MALFORMED_JSON'],
    ]);
    expect(await store.newestByRow()).toBe(newest);
    const [first] = await all((await store.open()).pieces({}));
    await store.resolve(publisher, [first!.deadLetter], 'discarded');
    expect((await store.newestByRow()).size).toBe(3);
    const rows = async (table: string, from: number) =>
      (await store.rows(table, version(from), schemas))?.map(({ keyText }) => keyText);
    expect(await rows('a.b', 0)).toEqual(['1', '2', '3']);
    expect(await rows('a.b', 13)).toEqual(['2', '3']);
    expect(await rows('a.c', 0)).toEqual([]);
  });
});
