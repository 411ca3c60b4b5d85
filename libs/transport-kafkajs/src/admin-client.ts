import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '@tributary/kernel';
import type { TopicAdmin, TopicPlan, Watermarks } from '@tributary/transport';
import type { Admin } from 'kafkajs';
import type { Kafka } from './kafka';
import { hasType, kafkaError } from './kafka-error';

const ANSWER_MS = 20_000;
const SERVED_ATTEMPTS = 120;
/** The protocol's number of that kind of resource. */
const TOPIC = 2;

interface Connection {
  readonly admin: Admin;
  /** Resolves when it is open. */
  readonly open: Promise<void>;
}

/** The client's admin, for each call anew or kept open. */
export class AdminClient implements TopicAdmin {
  #kept: Connection | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly keepOpen = false,
  ) {}

  async ping(): Promise<void> {
    await this.#with((admin) => admin.describeCluster(), 3000);
  }

  async topics(): Promise<Set<string>> {
    return new Set(await this.#with((admin) => admin.listTopics()));
  }

  async partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    return this.#with(async (admin) => {
      const existing = new Set(await admin.listTopics());
      const present = topics.filter((topic) => existing.has(topic));
      // An empty list would ask for every topic of the cluster, also for one that is just being deleted.
      if (present.length === 0) return new Map();
      const { topics: found } = await admin.fetchTopicMetadata({ topics: present });
      return new Map(found.map(({ name, partitions }) => [name, partitions.length]));
    });
  }

  async createTopics(plans: readonly TopicPlan[]): Promise<void> {
    await this.#with(async (admin) => {
      const brokers = (await admin.describeCluster()).brokers.length;
      const replicationFactor = Math.min(3, brokers);
      const replicas = replicationFactor === 3 ? { 'min.insync.replicas': '2' } : {};
      await admin.createTopics({
        // `untilServed` has more patience: the client gives up where the broker has not heard of the topic itself yet.
        waitForLeaders: false,
        timeout: ANSWER_MS,
        topics: plans.map(({ topic, partitions, settings }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor,
          configEntries: Object.entries({ ...settings, ...replicas }).map(([name, value]) => ({
            name,
            value,
          })),
        })),
      });
    });
  }

  async untilServed(topics: readonly string[]): Promise<void> {
    await this.#with(async (admin) => {
      for (const topic of topics) await served(admin, topic);
    });
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    await this.#with((admin) => admin.deleteTopics({ topics: [...topics], timeout: ANSWER_MS }));
  }

  async watermarks(topic: string): Promise<Map<number, Watermarks>> {
    const offsets = await this.#with((admin) => admin.fetchTopicOffsets(topic));
    return new Map(
      offsets
        .filter(({ partition }) => partition < this.kafka.partitions)
        .map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
    );
  }

  async settings(topics: readonly string[]): Promise<Map<string, ReadonlyMap<string, string>>> {
    const resources = topics.map((name) => ({ type: TOPIC, name }));
    const { resources: found } = await this.#with((admin) =>
      admin.describeConfigs({ resources, includeSynonyms: false }),
    );
    return new Map(
      found.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  }

  async groupOffsets(groupId: string, topic: string): Promise<Map<number, bigint | undefined>> {
    const [offsets] = await this.#with((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const known = (offset: string) => (BigInt(offset) < 0n ? undefined : BigInt(offset));
    return new Map(offsets?.partitions.map(({ partition, offset }) => [partition, known(offset)]));
  }

  async groupMembers(groupIds: readonly string[]): Promise<Map<string, number>> {
    const { groups } = await this.#with((admin) => admin.describeGroups([...groupIds]));
    return new Map(groups.map(({ groupId, members }) => [groupId, members.length]));
  }

  async close(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.admin.disconnect().catch(() => undefined);
  }

  async #with<T>(work: (admin: Admin) => Promise<T>, boundMs = ANSWER_MS): Promise<T> {
    const connection = this.keepOpen ? (this.#kept ??= this.#connect()) : this.#connect();
    const done = connection.open.then(() => work(connection.admin));
    try {
      return await within(done, boundMs, () => {
        throw new Error(`no answer within ${boundMs / 1000} s`);
      });
    } catch (error) {
      if (this.#kept === connection) await this.close();
      throw kafkaError(error, this.kafka.brokers);
    } finally {
      if (!this.keepOpen) await connection.admin.disconnect().catch(() => undefined);
    }
  }

  #connect(): Connection {
    const admin = this.kafka.client.admin();
    return { admin, open: admin.connect() };
  }
}

/** A topic that was made a moment ago, here or by another service, has leaders that do not serve it yet. */
async function served(admin: Admin, topic: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await admin.fetchTopicOffsets(topic));
    } catch (error) {
      if (
        attempt === SERVED_ATTEMPTS ||
        !hasType(error, 'NOT_LEADER_FOR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE')
      )
        throw error;
      await sleep(100);
    }
  }
}
