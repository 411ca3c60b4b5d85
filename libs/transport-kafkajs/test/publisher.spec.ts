import { randomBytes } from 'node:crypto';
import { stackEnv, TcpProxy, waitFor } from '@tributary/testing';
import type { SyncError } from '@tributary/kernel';
import { OversizeRecordError, readTail, type OutRecord, type RecordPublisher } from '@tributary/transport';
import { murmur2 } from '../src/java-partitioner';
import { Bench, memoryLog, numbered } from './support';

jest.setTimeout(90_000);

describe('Publisher', () => {
  const bench = new Bench();
  const publishers: RecordPublisher[] = [];

  afterAll(async () => {
    await Promise.all(publishers.map((publisher) => publisher.stop()));
    await bench.clear();
  });

  const publisherOn = async (brokers?: string, events = {}) => {
    const publisher = bench.kafka(brokers).publisher(events);
    publishers.push(publisher);
    await publisher.start();
    return publisher;
  };
  const content = (topic: string) => readTail(bench.kafka(), topic, 1_000_000);

  it('chooses the partition as Java does, or as told, and keeps the order of calls', async () => {
    const { topics } = await bench.pipeline(12);
    const publisher = await publisherOn();
    const calls = Array.from({ length: 30 }, (_, at) =>
      publisher.send(
        topics.changes,
        numbered(200, (n) => `key ${n % 5}`, at * 200),
      ),
    );
    await Promise.all([
      ...calls,
      publisher.send(topics.deadLetters, [{ key: null, value: 'x', partition: 7 }]),
    ]);
    const records = await content(topics.changes);
    expect(records).toHaveLength(6000);
    for (let key = 0; key < 5; key += 1) {
      const own = records.filter((record) => String(record.key) === `key ${key}`);
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      expect(own.map(({ value }) => Number(value))).toEqual(
        Array.from({ length: 1200 }, (_, at) => at * 5 + key),
      );
    }
    const partitionOf = (text: string) => records.find(({ key }) => String(key) === text)!.partition;
    const java = (text: string) => (murmur2(Buffer.from(text)) & 0x7fffffff) % 12;
    for (const key of ['key 0', 'key 1', 'key 2', 'key 3', 'key 4']) expect(partitionOf(key)).toBe(java(key));
    expect((await content(topics.deadLetters)).map(({ partition }) => partition)).toEqual([7]);
    await expect(publisher.send(topics.changes, [{ key: null, value: 'x' }])).rejects.toThrow(
      'neither key nor partition',
    );
  });

  it('R3: records of a partition keep their order when connections break in the middle of sends', async () => {
    const { topics } = await bench.pipeline(3);
    const count = 20_000;
    // Every sixth request reaches the broker, but the connection breaks before or just after the answer.
    let [requests, cuts] = [0, 0];
    const proxy = await bench.proxy((data, direction) => {
      if (direction === 'up' && data.length > 5000 && ++requests % 6 === 0) {
        cuts += 1;
        setTimeout(() => proxy.cut(), cuts % 4);
      }
      return data;
    });
    const publisher = await publisherOn(proxy.address);
    for (let from = 0; from < count; from += 500)
      await publisher.send(
        topics.changes,
        numbered(500, (at) => `key ${at % 11}`, from),
      );
    expect(cuts).toBeGreaterThan(4);
    const records = await content(topics.changes);
    const perKey = new Map<string, number[]>();
    for (const { key, value } of records) {
      const values = perKey.get(String(key)) ?? [];
      perKey.set(String(key), [...values, Number(value)]);
    }
    for (const [key, values] of perKey) {
      const firsts = [...new Set(values)];
      expect([key, firsts]).toEqual([key, [...firsts].sort((a, b) => a - b)]);
    }
    expect(new Set(records.map(({ value }) => String(value))).size).toBe(count);
  });

  it('R11: waits out an outage, says so once, and loses nothing', async () => {
    const { topics } = await bench.pipeline(2);
    const proxy = await bench.proxy();
    const told: (string | SyncError)[] = [];
    const publisher = await publisherOn(proxy.address, {
      onTrouble: (error: SyncError) => told.push(error),
      onRecovered: () => told.push('recovered'),
    });
    await publisher.send(
      topics.changes,
      numbered(10, () => 'k'),
    );
    proxy.cut({ refuse: true });
    const waiting = Promise.all(
      [10, 20, 30].map((from) =>
        publisher.send(
          topics.changes,
          numbered(10, () => 'k', from),
        ),
      ),
    );
    await waitFor(() => publisher.trouble);
    expect(publisher.trouble).toContain('does not serve requests at the moment');
    proxy.accept();
    await waiting;
    expect(told).toMatchObject([{ kind: 'retry', code: 'UNREACHABLE' }, 'recovered']);
    expect(publisher.trouble).toBeNull();
    const values = (await content(topics.changes)).map(({ value }) => Number(value));
    expect([...new Set(values)]).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });

  it('rejects what waits when it is stopped, so that nobody believes it was sent', async () => {
    const { topics } = await bench.pipeline(1);
    const proxy = await bench.proxy();
    const publisher = await publisherOn(proxy.address);
    proxy.cut({ refuse: true });
    const waiting = publisher.send(
      topics.changes,
      numbered(1, () => 'k'),
    );
    const rejected = expect(waiting).rejects.toMatchObject({ kind: 'retry', code: 'STOPPED' });
    await waitFor(() => publisher.trouble);
    await publisher.stop();
    await rejected;
    await expect(
      publisher.send(
        topics.changes,
        numbered(1, () => 'k'),
      ),
    ).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('R11: names the records that are too large and delivers the others in order', async () => {
    const config = bench.config(1);
    const admin = bench.kafka().client.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [
        {
          topic: config.topics.changes,
          numPartitions: 1,
          configEntries: [{ name: 'max.message.bytes', value: '20000' }],
        },
      ],
      waitForLeaders: true,
    });
    await admin.disconnect();
    const publisher = await publisherOn();
    const records: OutRecord[] = numbered(40, () => 'k');
    const large = [3, 17, 18];
    for (const at of large) records[at] = { key: 'k', value: randomBytes(30_000) };
    const error: unknown = await publisher
      .send(config.topics.changes, records)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OversizeRecordError);
    expect(error).toMatchObject({ index: 3, indexes: large, topic: config.topics.changes });
    const values = (await content(config.topics.changes)).map(({ value }) => Number(value));
    expect([...new Set(values)]).toEqual(records.map((_, at) => at).filter((at) => !large.includes(at)));
    await publisher.send(
      config.topics.changes,
      numbered(1, () => 'k', 99),
    );
  });

  it('carries a record of 40 MB there and back, and refuses one past the limit without sending it', async () => {
    const { topics } = await bench.pipeline(1);
    const publisher = await publisherOn();
    const value = Buffer.alloc(40 * 2 ** 20, 'ab');
    await publisher.send(topics.changes, [
      { key: 'large', value },
      { key: 'small', value: 'after it' },
    ]);
    const records = await content(topics.changes);
    expect(records.map(({ key }) => String(key))).toEqual(['large', 'small']);
    expect(records[0]!.value!.equals(value)).toBe(true);
    await expect(
      publisher.send(topics.changes, [{ key: 'k', value: Buffer.alloc(60 * 2 ** 20) }]),
    ).rejects.toMatchObject({ indexes: [0] });
    const seen: number[] = [];
    await bench.serve({
      topic: topics.changes,
      handle: async ({ records: batch }) => void seen.push(...batch.map((record) => record.value!.length)),
    });
    await waitFor(() => seen.length === 2);
    expect(seen).toEqual([value.length, 8]);
  });

  it('reports Kafka being away at start instead of failing, and works once it is there', async () => {
    const { topics } = await bench.pipeline(1);
    const real = await bench.proxy();
    const port = real.port;
    await real.close();
    const log = memoryLog();
    const publisher = bench.kafka(`127.0.0.1:${port}`, log).publisher();
    publishers.push(publisher);
    await publisher.start();
    expect(publisher.trouble).toContain(`127.0.0.1:${port}`);
    const sent = publisher.send(
      topics.changes,
      numbered(1, () => 'k'),
    );
    const back = await TcpProxy.open(stackEnv().KAFKA_BROKERS, port);
    await sent;
    await back.close();
    expect(publisher.trouble).toBeNull();
  });
});
