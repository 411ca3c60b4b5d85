import { innerCluster } from './inner-cluster';
import type { Kafka } from './kafka';
import { wholeRecords, type DamagedBatch } from './record-batch/damaged-batch';
import type { StoredRecord } from './record-batch/stored-record';
import type { InRecord } from '@tributary/transport';

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
export class PartitionReader {
  readonly #cluster: Cluster;
  readonly #most: number;
  #partitions: number[] = [];

  constructor(
    kafka: Kafka,
    readonly topic: string,
    /** Of one answer, but it always holds one batch of records. */
    private readonly maxBytes = MAX_BYTES,
  ) {
    this.#cluster = innerCluster<Cluster>(kafka);
    this.#most = kafka.partitions;
  }

  /** Connects; throws what the client throws, e.g. UNKNOWN_TOPIC_OR_PARTITION. */
  async open(): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addTargetTopic(this.topic);
    this.#partitions = this.#cluster
      .findTopicPartitionMetadata(this.topic)
      .map(({ partitionId }) => partitionId)
      .filter((partition) => partition < this.#most);
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect().catch(() => undefined);
  }

  /** The oldest offset (`low`) or the one after the last record (`high`) of each partition. */
  async offsets(end: 'low' | 'high'): Promise<Map<number, bigint>> {
    const partitions = this.#partitions.map((partition) => ({ partition }));
    const listed = await this.#cluster.fetchTopicsOffset([
      { topic: this.topic, fromBeginning: end === 'low', partitions },
    ]);
    return new Map(
      listed.flatMap((topic) =>
        topic.partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const),
      ),
    );
  }

  /**
   * Fetches from `positions` on and moves them past what it returns. Answers at once when there is something,
   * after `maxWaitMs` with nothing when there is not. Throws a SyncError `retry` at a batch that cannot be read.
   */
  async fetch(positions: Map<number, bigint>, maxWaitMs: number): Promise<Map<number, InRecord[]>> {
    const leaders = this.#cluster.findLeaderForPartitions(this.topic, [...positions.keys()]);
    const fetched = await Promise.all(
      Object.entries(leaders).map(async ([nodeId, partitions]) => {
        const broker = await this.#cluster.findBroker({ nodeId });
        const { responses } = await broker.fetch({
          maxWaitTime: maxWaitMs,
          minBytes: 1,
          maxBytes: this.maxBytes,
          isolationLevel: READ_COMMITTED,
          topics: [
            {
              topic: this.topic,
              partitions: partitions.map((partition) => this.#request(partition, positions)),
            },
          ],
        });
        return responses.flatMap((response) => response.partitions);
      }),
    );
    const records = new Map<number, InRecord[]>();
    for (const { partition, messages } of fetched.flat()) {
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

  #request(partition: number, positions: Map<number, bigint>) {
    return { partition, fetchOffset: String(positions.get(partition)), maxBytes: this.maxBytes };
  }
}
