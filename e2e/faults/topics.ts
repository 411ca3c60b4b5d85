import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type Admin, type KafkaMessage } from 'kafkajs';
import { applyKafkajsPatches } from '@tributary/transport-kafkajs';

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
    applyKafkajsPatches();
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

  /** One partition more for the topics that rows pass through. */
  async raisePartitions(): Promise<void> {
    await this.#administer(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: this.#rowTopics });
      const topicPartitions = topics.map(({ name, partitions }) => ({
        topic: name,
        count: partitions.length + 1,
      }));
      await admin.createPartitions({ topicPartitions });
    });
  }

  /** Deletes the topics that rows pass through and makes them again, empty, with as many partitions. */
  async makeAnew(): Promise<void> {
    await this.#administer(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: this.#rowTopics });
      await admin.deleteTopics({ topics: this.#rowTopics });
      for (const { name, partitions } of topics)
        for (let left = 20; left > 0; left -= 1) {
          const topic = { topic: name, numPartitions: partitions.length };
          const made = await admin
            .createTopics({ topics: [topic], waitForLeaders: false })
            .catch(() => false);
          // A service may have made it meanwhile; while the old one is still being deleted neither is so.
          if (made || (await admin.listTopics()).includes(name)) break;
          await new Promise((resolve) => setTimeout(resolve, 250));
        }
    });
  }

  get #rowTopics(): string[] {
    return [`${this.prefix}.changes`, `${this.prefix}.validated`];
  }

  /** Kafka may be down at the moment: then the fault does not take place. */
  async #administer(work: (admin: Admin) => Promise<void>): Promise<void> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      await work(admin);
    } catch {
      // Another fault was quicker.
    } finally {
      await admin.disconnect().catch(() => undefined);
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
