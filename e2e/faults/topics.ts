import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Plain Kafka clients of the harness: what the topics and the consumer groups of a run hold. */
export class Topics {
  readonly #kafka: Kafka;

  constructor(
    brokers: string,
    private readonly prefix: string,
  ) {
    this.#kafka = new Kafka({
      brokers: brokers.split(','),
      logLevel: logLevel.NOTHING,
      retry: { retries: 10, initialRetryTime: 200 },
    });
  }

  /** Records that the groups have still to confirm, by group; the three stages must have begun. */
  async lag(): Promise<Record<string, number>> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      const lag: Record<string, number> = {};
      for (const [app, topic] of [
        ['validator', 'changes'],
        ['mongo-sink', 'validated'],
        ['redis-sink', 'validated'],
      ] as const) {
        const marks = await admin.fetchTopicOffsets(`${this.prefix}.${topic}`);
        const [committed] = await admin.fetchOffsets({
          groupId: `${this.prefix}.${app}`,
          topics: [`${this.prefix}.${topic}`],
        });
        const offsets = new Map(
          committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
        );
        lag[app] = marks.reduce(
          (sum, { partition, high }) => sum + Number(high) - Math.max(0, offsets.get(partition) ?? 0),
          0,
        );
      }
      return lag;
    } finally {
      await admin.disconnect();
    }
  }

  /** All records of a topic (`changes`, `validated`, `dead-letters`) that `wanted` picks. */
  async read(name: string, wanted: (record: TopicRecord) => boolean): Promise<TopicRecord[]> {
    const topic = `${this.prefix}.${name}`;
    const admin = this.#kafka.admin();
    await admin.connect();
    const marks = await admin.fetchTopicOffsets(topic);
    const left = new Map(
      marks.filter(({ high, low }) => high !== low).map(({ partition, high }) => [partition, BigInt(high)]),
    );
    const records: TopicRecord[] = [];
    const groupId = `${this.prefix}.harness.${randomUUID()}`;
    const consumer = this.#kafka.consumer({ groupId });
    try {
      if (left.size === 0) return [];
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${topic} was not read within 60 s.`)), 60_000);
        void consumer.run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            for (const message of batch.messages) {
              const record = recordOf(batch.partition, message);
              if (wanted(record)) records.push(record);
            }
            const end = left.get(batch.partition);
            if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) left.delete(batch.partition);
            if (left.size > 0) return;
            clearTimeout(timer);
            resolve();
          },
        });
      });
      return records;
    } finally {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => undefined);
      await admin.disconnect();
    }
  }

  /** Removes the topics and groups of the run. */
  async remove(): Promise<void> {
    const admin = this.#kafka.admin();
    await admin.connect();
    const mine = (await admin.listTopics()).filter((topic) => topic.startsWith(`${this.prefix}.`));
    await admin.deleteTopics({ topics: mine }).catch(() => undefined);
    await admin.disconnect();
  }
}

function recordOf(partition: number, { offset, key, value, headers = {} }: KafkaMessage): TopicRecord {
  return {
    partition,
    offset,
    key: String(key),
    value: value === null ? null : String(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
  };
}
