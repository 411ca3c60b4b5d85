import { innerCluster } from './inner-cluster';
import type { Kafka } from './kafka';
import { kafkaError } from './kafka-error';
import { wholeRecords, type DamagedBatch } from './record-batch/damaged-batch';
import type { StoredRecord } from './record-batch/stored-record';
import type { InRecord, TopicReader } from '@tributary/transport';

const MAX_BYTES = 10 * 2 ** 20;
const READ_COMMITTED = 1;

type ListedOffsets = { topic: string; partitions: { partition: number; offset: string }[] }[];

interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: (StoredRecord | DamagedBatch)[];
}

/** The part of the client's inside that reads partitions without a consumer group. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  fetchTopicsOffset(
    topics: { topic: string; fromBeginning: boolean; partitions: { partition: number }[] }[],
  ): Promise<ListedOffsets>;
  findBroker(node: { nodeId: string }): Promise<{
    fetch(request: object): Promise<{ responses: { partitions: FetchedPartition[] }[] }>;
  }>;
}

/**
 * Reads a topic's partitions at positions of our own. A consumer group would be the public way, but each reader
 * would leave a group behind, need rights on it, and wait for the group's first rebalance (3 s on a default
 * broker), which a relay that takes over must not. So this goes by `innerCluster`.
 */
export class PartitionReader implements TopicReader {
  readonly #cluster: Cluster;
  readonly #most: number;
  #partitions: number[] = [];

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    /** Of one answer, but it always holds one batch of records. */
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.#cluster = innerCluster<Cluster>(kafka);
    this.#most = kafka.partitions;
  }

  async open(): Promise<void> {
    try {
      await this.#cluster.connect();
      await this.#cluster.addTargetTopic(this.topic);
    } catch (error) {
      await this.close();
      throw kafkaError(error, this.kafka.brokers);
    }
    this.#partitions = this.#cluster
      .findTopicPartitionMetadata(this.topic)
      .map(({ partitionId }) => partitionId)
      .filter((partition) => partition < this.#most);
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect().catch(() => undefined);
  }

  async offsets(end: 'low' | 'high'): Promise<Map<number, bigint>> {
    const partitions = this.#partitions.map((partition) => ({ partition }));
    const asked = [{ topic: this.topic, fromBeginning: end === 'low', partitions }];
    const listed = await this.#asking(() => this.#cluster.fetchTopicsOffset(asked));
    return new Map(
      listed.flatMap((topic) =>
        topic.partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const),
      ),
    );
  }

  /** Throws a SyncError `retry` at a batch that cannot be read, too. */
  async fetch(positions: Map<number, bigint>, maxWaitMs: number): Promise<Map<number, InRecord[]>> {
    const fetched = await this.#asking(() => this.#fetch(positions, maxWaitMs));
    const records = new Map<number, InRecord[]>();
    for (const { partition, messages } of fetched) {
      const from = positions.get(partition)!;
      // A compressed batch is delivered whole, from before the offset asked for.
      const fresh = messages.filter(({ offset }) => BigInt(offset) >= from);
      const { whole, damaged } = wholeRecords(fresh);
      if (damaged && whole.length === 0) throw damaged.error;
      if (whole.length === 0) continue;
      positions.set(partition, BigInt(whole.at(-1)!.offset) + 1n);
      const data = whole.filter(({ isControlRecord }) => !isControlRecord);
      if (data.length > 0) records.set(partition, data);
    }
    return records;
  }

  async #fetch(positions: Map<number, bigint>, maxWaitMs: number): Promise<FetchedPartition[]> {
    const leaders = this.#cluster.findLeaderForPartitions(this.topic, [...positions.keys()]);
    const fetched = await Promise.all(
      Object.entries(leaders).map(async ([nodeId, numbers]) => {
        const broker = await this.#cluster.findBroker({ nodeId });
        const partitions = numbers.map((partition) => this.#request(partition, positions));
        const { responses } = await broker.fetch({
          maxWaitTime: maxWaitMs,
          minBytes: 1,
          maxBytes: this.maxBytes,
          isolationLevel: READ_COMMITTED,
          topics: [{ topic: this.topic, partitions }],
        });
        return responses.flatMap((response) => response.partitions);
      }),
    );
    return fetched.flat();
  }

  async #asking<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw kafkaError(error, this.kafka.brokers);
    }
  }

  #request(partition: number, positions: Map<number, bigint>) {
    return { partition, fetchOffset: String(positions.get(partition)), maxBytes: this.maxBytes };
  }
}
