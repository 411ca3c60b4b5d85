import { Kafka as Client, logLevel } from 'kafkajs';
import type { Compression } from '@tributary/sync-config';
import { stackEnv, uniqueName, waitFor } from '@tributary/testing';
import { readTail, type RecordBatch } from '@tributary/transport';
import { canPack } from '../src/record-batch/codecs';
import { Bench } from './support';

jest.setTimeout(90_000);

/** Two batches of it are worth packing, of `lone` not. */
const records = Array.from({ length: 500 }, (_, at) => ({
  key: `key ${at % 7}`,
  value: at % 50 === 0 ? null : `the row number ${at}, `.repeat(at % 30),
  headers: { v: String(at), none: undefined, empty: Buffer.alloc(0), twice: ['a', `b${at}`] },
}));
const lone = { key: 'lone', value: 'a small one', headers: {} };

describe('compression', () => {
  const bench = new Bench();
  const admin = bench.kafka().client.admin();
  beforeAll(() => admin.connect());
  afterAll(async () => {
    await admin.disconnect();
    await bench.clear();
  });

  const published = async (kept: string, compression: Compression) => {
    const topic = bench.config(1).topics.changes;
    const configEntries = [{ name: 'compression.type', value: kept }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: false });
    const publisher = bench.kafka(undefined, undefined, { compression }).publisher();
    await publisher.send(topic, [...records, lone]);
    await publisher.stop();
    return topic;
  };
  const plain = ({ key, value, headers }: RecordBatch['records'][number]) => ({
    key: String(key),
    value: value && String(value),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, held]) => [
        name,
        Array.isArray(held) ? held.map(String) : String(held),
      ]),
    ),
  });
  const sent = [...records, lone].map(({ key, value, headers }) => ({
    key,
    value,
    headers: 'v' in headers ? { v: headers.v, empty: '', twice: headers.twice } : {},
  }));

  // The broker packs anew what comes in another form than the topic's: it has read ours then.
  it.each<[string, Compression]>([
    ...(['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const).map(
      (kept): [string, Compression] => [kept, 'lz4'],
    ),
    ['producer', 'none'],
    // Node.js has it from 22.15 on.
    ...(canPack(4) ? [['producer', 'zstd'] as [string, Compression]] : []),
  ])(
    'what the broker keeps as %s (written as %s) is read by a consumer group, without one, and by a client that is not ours',
    async (kept, compression) => {
      const topic = await published(kept, compression);
      expect((await readTail(bench.kafka(), topic, 1000)).map(plain)).toEqual(sent);

      const handled: ReturnType<typeof plain>[] = [];
      await bench.serve({ topic, handle: async (batch) => void handled.push(...batch.records.map(plain)) });
      await waitFor(() => handled.length === sent.length);
      expect(handled).toEqual(sent);

      const client = new Client({ brokers: stackEnv().KAFKA_BROKERS.split(','), logLevel: logLevel.NOTHING });
      const consumer = client.consumer({ groupId: uniqueName('kafkalib_plain'), maxWaitTimeInMs: 100 });
      const seen: ReturnType<typeof plain>[] = [];
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => void seen.push(plain(message as never)) });
      await waitFor(() => seen.length === sent.length);
      await consumer.disconnect();
      expect(seen).toEqual(sent);
    },
  );
});
