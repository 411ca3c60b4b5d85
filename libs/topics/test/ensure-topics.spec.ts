import { ensureTopics } from '../src';
import { Pipelines } from './support';

jest.setTimeout(60_000);

describe('ensureTopics', () => {
  const bench = new Pipelines();
  const kafka = bench.kafka();
  afterAll(() => bench.clear());

  it('makes the topics of a pipeline once, also when services start together', async () => {
    const config = bench.config(5);
    await Promise.all([1, 2, 3].map(() => ensureTopics(kafka, config)));
    await ensureTopics(kafka, config);
    const client = kafka.client.admin();
    await client.connect();
    const { topics } = await client.fetchTopicMetadata({ topics: Object.values(config.topics) });
    const settings = await client.describeConfigs({
      includeSynonyms: false,
      resources: Object.values(config.topics).map((name) => ({ type: 2, name })),
    });
    await client.disconnect();
    const partitions = Object.fromEntries(topics.map((topic) => [topic.name, topic.partitions.length]));
    const { changes, validated, loads, validatedLoads, deadLetters, schemas, heartbeats, notes } =
      config.topics;
    expect(partitions).toEqual({
      [changes]: 5,
      [validated]: 5,
      [loads]: 5,
      [validatedLoads]: 5,
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
    await expect(ensureTopics(kafka, bench.config(7, config.prefix))).rejects.toMatchObject({
      kind: 'fatal',
      code: 'TOPIC_PARTITIONS',
      message: expect.stringMatching(
        new RegExp(`${config.topics.changes} has 5 .* 7 are wanted: set topics.partitions`),
      ),
    });
    await ensureTopics(kafka, bench.config(3, config.prefix));
  });

  it('R14: refuses a sync file with fewer partitions than were used', async () => {
    const config = await bench.pipeline(4);
    const groupId = `${config.prefix}.validator`;
    const client = kafka.client.admin();
    await client.connect();
    const partitions = [2, 3].map((partition) => ({ partition, offset: '0' }));
    await client.setOffsets({ groupId, topic: config.topics.changes, partitions });
    await client.disconnect();
    await expect(ensureTopics(kafka, bench.config(2, config.prefix))).rejects.toMatchObject({
      kind: 'fatal',
      code: 'TOPIC_PARTITIONS',
      message: expect.stringMatching(/has read partition [23],/),
    });
    await ensureTopics(kafka, config);
  });

  it('says in one sentence that the broker cannot be reached, within 10 s', async () => {
    const start = Date.now();
    await expect(ensureTopics(bench.kafka('127.0.0.1:1'), bench.config())).rejects.toMatchObject({
      kind: 'retry',
      code: 'UNREACHABLE',
      message: expect.stringMatching(/^Kafka does not answer at 127\.0\.0\.1:1 .*check KAFKA_BROKERS.*$/),
    });
    expect(Date.now() - start).toBeLessThan(11_000);
  });
});
