import type { SyncConfig } from '@tributary/sync-config';
import { uniqueName, waitFor } from '@tributary/testing';
import { groupLag, type Standing } from '@tributary/transport';
import { Bench, numbered, texts } from './support';

jest.setTimeout(120_000);

describe('topics that change beneath us', () => {
  const bench = new Bench();
  const kafka = bench.kafka(undefined, undefined, { partitions: 2 });
  const admin = kafka.admin();
  const publisher = kafka.publisher();
  /** One that divides by what the broker has, as a foreign producer does. */
  const foreign = bench.kafka().publisher();
  const client = bench.kafka().client.admin();

  beforeAll(async () => {
    await publisher.start();
    await foreign.start();
    await client.connect();
  });
  afterAll(async () => {
    await publisher.stop();
    await foreign.stop();
    await client.disconnect();
    await bench.clear();
  });

  const raise = (topic: string, count: number) =>
    client.createPartitions({ topicPartitions: [{ topic, count }] });
  const anew = async (config: SyncConfig, ...topics: string[]) => {
    await client.deleteTopics({ topics });
    await waitFor(async () => (await client.listTopics()).every((topic) => !topics.includes(topic)), {
      timeoutMs: 30_000,
    });
    // A broker may still know the old one for a moment; services ask again then as well.
    await waitFor(async () => {
      await bench.make(config);
      return true;
    });
  };

  it('tells ids and counts of topics, and which are missing', async () => {
    const config = await bench.pipeline(2);
    const watch = kafka.watch();
    const { changes, schemas } = config.topics;
    const first = await watch.read([changes, schemas, 'kafkalib_none']);
    expect([...first.missing]).toEqual(['kafkalib_none']);
    expect(first.facts.get(changes)).toMatchObject({
      partitions: 2,
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(first.facts.get(schemas)?.partitions).toBe(1);
    await raise(changes, 300);
    await waitFor(async () => (await watch.read([changes])).facts.get(changes)?.partitions === 300);
    expect(await watch.idOf(changes)).toBe(first.facts.get(changes)!.id);
    await anew(config, changes);
    expect(await watch.idOf(changes)).not.toBe(first.facts.get(changes)!.id);
    await watch.close();
  });

  it('R3: partitions raised on a live topic move no key, are read by nobody, and hold up nobody', async () => {
    const config = await bench.pipeline(2);
    const topic = config.topics.validated;
    const keys = Array.from({ length: 20 }, (_, at) => `key ${at}`);
    const places = new Map<string, Set<number>>();
    const seen: string[] = [];
    const serve = () =>
      bench.serve({
        ...{ topic, transport: kafka, groupId: `${config.prefix}.mongo-sink` },
        handle: async (batch) => {
          for (const { key } of batch.records)
            places.set(String(key), (places.get(String(key)) ?? new Set()).add(batch.partition));
          seen.push(...texts(batch));
        },
      });
    const first = await serve();
    await publisher.send(
      topic,
      keys.map((key) => ({ key, value: 'before' })),
    );
    await waitFor(() => seen.length === 20, { timeoutMs: 30_000 });
    await raise(topic, 5);
    // A fresh producer knows the new count at once.
    const fresh = kafka.publisher();
    await fresh.start();
    await fresh.send(
      topic,
      keys.map((key) => ({ key, value: 'after' })),
    );
    await foreign.send(
      topic,
      [2, 3, 4].map((partition) => ({ key: 'x', value: 'foreign', partition })),
    );
    const second = await serve();
    await waitFor(() => seen.filter((text) => text === 'after').length === 20, { timeoutMs: 30_000 });
    await publisher.send(
      topic,
      keys.map((key) => ({ key, value: 'last' })),
    );
    await waitFor(() => seen.filter((text) => text === 'last').length === 20, { timeoutMs: 30_000 });
    expect(seen).not.toContain('foreign');
    expect([...places.values()].every(({ size }) => size === 1)).toBe(true);
    const lag = async () => [...(await groupLag(admin, `${config.prefix}.mongo-sink`, topic)).values()];
    await waitFor(async () => (await lag()).every((left) => left === 0n), { timeoutMs: 30_000 });
    for (const { server } of [first, second]) expect(server.state.trouble).toBeNull();
    await fresh.stop();
  });

  it('R11: a send to a partition that the topic lacks says so instead of waiting silently', async () => {
    const config = await bench.pipeline(2);
    const waiting = kafka.publisher();
    const sent = waiting.send(config.topics.validated, [{ key: 'k', value: 'v', partition: 3 }]);
    await waitFor(() => waiting.trouble !== null, { timeoutMs: 30_000 });
    expect(waiting.trouble).toContain('partition 3');
    await raise(config.topics.validated, 4);
    await sent;
    expect(waiting.trouble).toBeNull();
    await waiting.stop();
  });

  describe('a topic that is made anew', () => {
    const read = async (config: SyncConfig, groupId = uniqueName('kafkalib_group')) => {
      const seen: string[] = [];
      const standings: Standing[] = [];
      const { server } = await bench.serve({
        ...{ topic: config.topics.validated, transport: kafka, groupId },
        handle: async (batch) => void seen.push(...texts(batch)),
        onAssigned: async (_, standing) => {
          standings.push(standing);
          return new Map();
        },
      });
      const lost = () => standings.flatMap((standing) => standing.lost);
      return { seen, lost, server, groupId };
    };
    const to = (count: number, from: number) =>
      numbered(count, () => 'k', from).map((record) => ({ ...record, partition: 0 }));

    it('R12: while its reader runs: said, and read from its beginning, also when it is longer by then', async () => {
      const config = await bench.pipeline(2);
      const { seen, lost } = await read(config);
      await publisher.send(config.topics.validated, to(5, 0));
      await waitFor(() => seen.length === 5, { timeoutMs: 30_000 });
      await anew(config, config.topics.validated);
      await publisher.send(config.topics.validated, to(9, 100));
      await waitFor(() => to(9, 100).every(({ value }) => seen.includes(value)), { timeoutMs: 60_000 });
      await waitFor(() => lost().length > 0, { timeoutMs: 30_000 });
      expect(lost()[0]).toMatchObject({ partition: 0, why: 'made-anew' });
      expect(bench.log.lines).toContainEqual(
        expect.objectContaining({ level: 'error', event: 'topic-lost', topic: config.topics.validated }),
      );
    });

    it('R12: records that went before they were read are said', async () => {
      const config = await bench.pipeline(2);
      const first = await read(config);
      await publisher.send(config.topics.validated, to(5, 0));
      await waitFor(() => first.seen.length === 5, { timeoutMs: 30_000 });
      await first.server.close();
      await publisher.send(config.topics.validated, to(5, 5));
      const partitions = [{ partition: 0, offset: '8' }];
      // Asked for first, because the client looks for the leader in what it knows already.
      await client.fetchTopicOffsets(config.topics.validated);
      await client.deleteTopicRecords({ topic: config.topics.validated, partitions });
      const { seen, lost, server } = await read(config, first.groupId);
      await waitFor(() => seen.length === 2, { timeoutMs: 30_000 });
      expect(seen).toEqual(['8', '9']);
      expect(lost()).toEqual([expect.objectContaining({ partition: 0, why: 'gone', position: 5n, low: 8n })]);
      await waitFor(() => server.state.trouble === null);
    });
  });
});
