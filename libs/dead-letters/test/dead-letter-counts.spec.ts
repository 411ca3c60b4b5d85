import { deadLetterHeader } from '@tributary/contract';
import { ensureTopics } from '@tributary/topics';
import { createKafka } from '@tributary/transport-kafkajs';
import { parseSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { DeadLetterStore, DeadLetterCounts, type DeadLetter } from '../src';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const kafka = createKafka(
  { brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: 'dead-letter-counts' },
  silent,
);
const config = parseSyncConfig(
  `topics: { prefix: ${uniqueName('open')}, partitions: 2 }\ntables: [{ table: a.b }]`,
);
const publisher = kafka.publisher();
const topic = config.topics.deadLetters;

const put = (code: string, partition: number, count: number) =>
  publisher.send(
    topic,
    Array.from({ length: count }, () => ({
      ...{ key: '{"table":"a.b","key":{"id":1}}', value: '{}', partition },
      headers: { [deadLetterHeader.stage]: 'validator', [deadLetterHeader.code]: code },
    })),
  );

beforeAll(async () => {
  await ensureTopics(kafka, config);
  await publisher.start();
});
afterAll(async () => {
  await publisher.stop();
  await kafka.admin().deleteTopics(Object.values(config.topics));
});

it('counts what is neither replayed nor discarded by code, as it comes, is resolved and is deleted', async () => {
  const open = new DeadLetterCounts(kafka, topic);
  const seen = async () => {
    await open.refresh();
    return Object.fromEntries([...open.byCode()].sort());
  };
  expect([await seen(), open.oldestMs()]).toEqual([{}, null]);
  const before = Date.now();
  await put('CRC_MISMATCH', 0, 3);
  await put('INVALID_ROW', 1, 2);
  await waitFor(async () => JSON.stringify(await seen()) === '{"CRC_MISMATCH":3,"INVALID_ROW":2}');
  expect(open.oldestMs()! - before).toBeLessThan(60_000);
  expect(open.oldestMs()! - before).toBeGreaterThan(-1000);

  const store = new DeadLetterStore(kafka, config.topics);
  const resolved: DeadLetter[] = [];
  for await (const piece of (await store.open()).pieces({}))
    resolved.push(...piece.map(({ deadLetter }) => deadLetter).filter(({ code }) => code === 'CRC_MISMATCH'));
  await store.resolve(publisher, resolved.slice(0, 2), 'discarded');
  await waitFor(async () => JSON.stringify(await seen()) === '{"CRC_MISMATCH":1,"INVALID_ROW":2}');

  const admin = kafka.client.admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic); // the client asks for the topic's leaders with it, and not before it deletes
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '1' }] });
  await admin.disconnect();
  await waitFor(async () => JSON.stringify(await seen()) === '{"CRC_MISMATCH":1,"INVALID_ROW":1}');

  // One that begins now finds the same.
  await open.close();
  const another = new DeadLetterCounts(kafka, topic);
  await another.refresh();
  expect(Object.fromEntries(another.byCode())).toEqual({ CRC_MISMATCH: 1, INVALID_ROW: 1 });
  await another.close();
});
