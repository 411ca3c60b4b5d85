import { fatal, transient } from '@tributary/kernel';
import { parseSyncConfig } from '@tributary/sync-config';
import type { TopicAdmin, TopicPlan } from '@tributary/transport';
import { ensureTopics } from './ensure-topics';

const config = parseSyncConfig('topics: { prefix: p, partitions: 3 }\ntables: [{ table: a.b }]');

/** A cluster of what is asked of it at start; the broker's own part is in test/ensure-topics.spec.ts. */
class Cluster {
  readonly brokers = 'broker:9092';
  readonly made: string[] = [];
  closed = 0;

  constructor(
    private readonly counts: Map<string, number>,
    private readonly parts: Partial<TopicAdmin> = {},
  ) {}

  admin(): TopicAdmin {
    return {
      partitionCounts: async (topics: readonly string[]) =>
        new Map([...this.counts].filter(([topic]) => topics.includes(topic))),
      createTopics: async (plans: readonly TopicPlan[]) => {
        for (const { topic, partitions } of plans) {
          this.made.push(topic);
          this.counts.set(topic, partitions);
        }
      },
      untilServed: async () => undefined,
      close: async () => void (this.closed += 1),
      ...this.parts,
    } as TopicAdmin;
  }
}

const all = (partitions: number) =>
  new Map(Object.values(config.topics).map((topic) => [topic, partitions] as const));
const failing = (error: Error) => new Cluster(new Map(), { partitionCounts: () => Promise.reject(error) });

describe('ensureTopics', () => {
  it('makes what is missing and leaves its connection closed', async () => {
    const cluster = new Cluster(new Map([[config.topics.changes, 3]]));
    await ensureTopics(cluster, config);
    expect(cluster.made).not.toContain(config.topics.changes);
    expect(cluster.made).toHaveLength(7);
    expect(cluster.closed).toBe(1);
  });

  it('R14: a topic of more partitions is let be, until this pipeline has read those beyond', async () => {
    const read = (offsets: [number, bigint | undefined][]) =>
      ensureTopics(new Cluster(all(9), { groupOffsets: async () => new Map(offsets) }), config);
    await read([
      [2, 5n],
      [3, undefined],
    ]);
    await expect(read([[3, 0n]])).rejects.toMatchObject({
      kind: 'fatal',
      code: 'TOPIC_PARTITIONS',
      message: expect.stringContaining(
        'has 9 partition(s), 3 are wanted: this pipeline has read partition 3',
      ),
    });
    // A service need not have rights on the groups of others.
    const refused = () => Promise.reject(fatal('KAFKA_RIGHTS', 'no'));
    await ensureTopics(new Cluster(all(9), { groupOffsets: refused }), config);
  });

  it('R14: another service that made the topics meanwhile, with another sync file, is noticed', async () => {
    const counts = new Map<string, number>();
    const createTopics = async () => void all(1).forEach((count, topic) => counts.set(topic, count));
    await expect(ensureTopics(new Cluster(counts, { createTopics }), config)).rejects.toMatchObject({
      code: 'TOPIC_PARTITIONS',
      message: expect.stringContaining('has 1 partition(s), 3 are wanted'),
    });
  });

  it.each([
    ['a handshake that fails at start is a matter of configuration', transient('TLS', 'bad'), 'fatal', 'bad'],
    ['a refusal stays one', fatal('KAFKA_LOGIN', 'refused'), 'fatal', 'refused'],
    [
      'a broker that is away names the variables, and the cause',
      transient('UNREACHABLE', 'away', new Error('connect ECONNREFUSED.')),
      'retry',
      'Kafka does not answer at broker:9092 (connect ECONNREFUSED): check KAFKA_BROKERS',
    ],
  ])('%s', async (_what, error, kind, message) => {
    await expect(ensureTopics(failing(error), config)).rejects.toMatchObject({
      ...{ kind, message: expect.stringContaining(message) },
    });
  });
});
