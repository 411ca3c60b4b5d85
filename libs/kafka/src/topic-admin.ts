import { setTimeout as sleep } from 'node:timers/promises';
import { fatal, transient } from '@tributary/contract';
import type { SyncConfig } from '@tributary/sync-config';
import type { Admin } from 'kafkajs';
import { consumerGroups } from './consumer-groups';
import type { Kafka } from './kafka';
import { hasType, kafkaError, reason } from './kafka-error';
import { topicPlans, type TopicPlan } from './topic-plan';

const ANSWER_MS = 20_000;
/** The protocol's number of that kind of resource. */
const TOPIC = 2;
const SERVED_ATTEMPTS = 120;

export interface Watermarks {
  /** The oldest offset that is still there. */
  readonly low: bigint;
  /** The offset after the last record. */
  readonly high: bigint;
}

/** Records of a partition that a group has not confirmed yet; `committed` is undefined before its first commit. */
export function lagOf({ low, high }: Watermarks, committed: bigint | undefined): bigint {
  const from = committed !== undefined && committed > low ? committed : low;
  return high > from ? high - from : 0n;
}

/** Topics and groups: what services check at start and `tributary status` shows. Connects for each call only. */
export class TopicAdmin {
  readonly #kafka: Kafka;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /**
   * Creates the topics of the sync file that are missing and changes none. A topic with more partitions than the sync
   * file says is let be: those beyond are nobody's, and TopicHealth names it. Throws a fatal SyncError when a topic has
   * fewer, when the partitions beyond have been read by this pipeline (the sync file was lowered), or when Kafka
   * refuses us, a SyncError `retry` when it does not answer within 20 s.
   */
  async ensureTopics(config: SyncConfig): Promise<void> {
    await this.#atStart(async (admin) => {
      const plans = topicPlans(config);
      const missing = await missingTopics(admin, plans);
      await refuseLowered(admin, config);
      if (missing.length === 0) return untilServed(admin, plans);
      const brokers = (await admin.describeCluster()).brokers.length;
      const replicationFactor = Math.min(3, brokers);
      const replicas = replicationFactor === 3 ? { 'min.insync.replicas': '2' } : {};
      await admin.createTopics({
        // Below, with patience: the client gives up where the broker has not heard of the topic itself yet.
        waitForLeaders: false,
        timeout: ANSWER_MS,
        topics: missing.map(({ topic, partitions, settings }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor,
          configEntries: Object.entries({ ...settings, ...replicas }).map(([name, value]) => ({
            name,
            value,
          })),
        })),
      });
      // Another service may have been faster, with another sync file.
      await missingTopics(admin, plans);
      await untilServed(admin, plans);
    });
  }

  /** Throws a SyncError unless a broker answers within 3 s (fatal on a refused login, else `retry`). */
  async ping(): Promise<void> {
    await this.#with((admin) => admin.describeCluster(), 3000);
  }

  /** Names of the topics that are there and that this account may see. */
  async topics(): Promise<Set<string>> {
    return new Set(await this.#with((admin) => admin.listTopics()));
  }

  /** By partition; those beyond the sync file's count are left out. */
  async watermarks(topic: string): Promise<Map<number, Watermarks>> {
    const offsets = await this.#with((admin) => admin.fetchTopicOffsets(topic));
    return new Map(
      offsets
        .filter(({ partition }) => partition < this.#kafka.partitions)
        .map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
    );
  }

  /** The committed offsets of a group by partition; undefined where it has committed nothing yet. */
  async groupOffsets(groupId: string, topic: string): Promise<Map<number, bigint | undefined>> {
    const [offsets] = await this.#with((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    const known = (offset: string) => (BigInt(offset) < 0n ? undefined : BigInt(offset));
    return new Map(offsets?.partitions.map(({ partition, offset }) => [partition, known(offset)]));
  }

  /** Records of a topic that a group has not confirmed yet, by partition. */
  async groupLag(groupId: string, topic: string): Promise<Map<number, bigint>> {
    const [offsets, marks] = [await this.groupOffsets(groupId, topic), await this.watermarks(topic)];
    return new Map(
      [...marks].map(([partition, partitionMarks]) => [
        partition,
        lagOf(partitionMarks, offsets.get(partition)),
      ]),
    );
  }

  /** Members of a consumer group; 0 when nobody reads. */
  async groupMembers(groupId: string): Promise<number> {
    const { groups } = await this.#with((admin) => admin.describeGroups([groupId]));
    return groups[0]?.members.length ?? 0;
  }

  /** Settings of these topics by name, defaults of the broker included. */
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

  async deleteTopics(topics: readonly string[]): Promise<void> {
    await this.#with((admin) => admin.deleteTopics({ topics: [...topics], timeout: ANSWER_MS }));
  }

  /** Like `#with`, for the start of a process: a TLS handshake that fails now is a matter of configuration. */
  async #atStart<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await this.#with(work);
    } catch (error) {
      const problem = kafkaError(error, this.#kafka.brokers);
      if (problem.code === 'TLS') throw fatal(problem.code, problem.message, error);
      if (problem.kind === 'fatal') throw problem;
      throw transient(
        'UNREACHABLE',
        `Kafka does not answer at ${this.#kafka.brokers} (${reason(problem)}): check KAFKA_BROKERS, that the broker runs, and KAFKA_SSL and KAFKA_SASL_* if it asks for TLS or a login.`,
        error,
      );
    }
  }

  async #with<T>(work: (admin: Admin) => Promise<T>, boundMs = ANSWER_MS): Promise<T> {
    const admin = this.#kafka.client.admin();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(transient('UNREACHABLE', `no answer within ${boundMs / 1000} s`)),
        boundMs,
      );
    });
    try {
      const done = (async () => {
        await admin.connect();
        return await work(admin);
      })();
      // The loser of the race must not become an unhandled rejection.
      done.catch(() => undefined);
      return await Promise.race([done, late]);
    } catch (error) {
      throw kafkaError(error, this.#kafka.brokers);
    } finally {
      clearTimeout(timer);
      await admin.disconnect().catch(() => undefined);
    }
  }
}

/** A topic that was made a moment ago, here or by another service, has leaders that do not serve it yet. */
async function untilServed(admin: Admin, plans: readonly TopicPlan[]): Promise<void> {
  for (const { topic } of plans)
    for (let attempt = 1; ; attempt += 1) {
      try {
        await admin.fetchTopicOffsets(topic);
        break;
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

/** The plans that have no topic yet; throws on a topic that is unlike its plan. */
async function missingTopics(admin: Admin, plans: readonly TopicPlan[]): Promise<TopicPlan[]> {
  const existing = new Set(await admin.listTopics());
  const present = plans.filter(({ topic }) => existing.has(topic));
  // An empty list would ask for every topic of the cluster, also for one that is just being deleted.
  if (present.length === 0) return [...plans];
  const { topics } = await admin.fetchTopicMetadata({ topics: present.map(({ topic }) => topic) });
  for (const { topic, partitions } of present) {
    const have = topics.find(({ name }) => name === topic)?.partitions.length;
    if (have !== undefined && have < partitions)
      throw fatal(
        'TOPIC_PARTITIONS',
        `Topic ${topic} has ${have} partition(s), ${partitions} are wanted: set topics.partitions in the sync file to the number that this pipeline began with, or raise its topics changes, validated and dead-letters to ${partitions} together (docs/operations.md, "Another number of partitions").`,
      );
  }
  return plans.filter(({ topic }) => !existing.has(topic));
}

/** Offsets beyond the count show that records of ours stand there: they would never be read. */
async function refuseLowered(admin: Admin, { topics, partitions, prefix }: SyncConfig): Promise<void> {
  const groups = consumerGroups({ prefix });
  const readers = [
    [groups.validator, topics.changes],
    [groups.mongo, topics.validated],
    [groups.redis, topics.validated],
  ] as const;
  const existing = new Set(await admin.listTopics());
  for (const [groupId, topic] of readers) {
    if (!existing.has(topic)) continue;
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] });
    if ((found[0]?.partitions.length ?? 0) <= partitions) continue;
    // A service need not have rights on the groups of others; the one that reads the topic has.
    const offsets = await admin.fetchOffsets({ groupId, topics: [topic] }).catch(() => []);
    const beyond = offsets[0]?.partitions.filter(
      ({ partition, offset }) => partition >= partitions && BigInt(offset) >= 0n,
    );
    if (beyond && beyond.length > 0)
      throw fatal(
        'TOPIC_PARTITIONS',
        `Topic ${topic} has ${found[0]!.partitions.length} partition(s), ${partitions} are wanted: this pipeline has read partition ${beyond[0]!.partition}, so records of it stand beyond the first ${partitions}: set topics.partitions in the sync file back to the number that it had (docs/operations.md, "Another number of partitions").`,
      );
  }
}
