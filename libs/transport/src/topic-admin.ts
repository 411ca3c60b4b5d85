export interface Watermarks {
  /** The oldest offset that is still there. */
  readonly low: bigint;
  /** The offset after the last record. */
  readonly high: bigint;
}

/** A topic and how it is made. */
export interface TopicPlan {
  readonly topic: string;
  readonly partitions: number;
  /** Kafka's names and values. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Topics and groups. All throw a SyncError, `retry` when Kafka is away or does not answer within 20 s. */
export abstract class TopicAdmin {
  /** Throws a SyncError unless a broker answers within 3 s (fatal on a refused login, else `retry`). */
  abstract ping(): Promise<void>;
  /** Names of the topics that are there and that this account may see. */
  abstract topics(): Promise<Set<string>>;
  /** How many partitions these topics have; those that are not there are left out. */
  abstract partitionCounts(topics: readonly string[]): Promise<Map<string, number>>;
  /** Replicated as far as there are brokers, up to three times. One that is there already, made by another a moment ago, is let be. */
  abstract createTopics(plans: readonly TopicPlan[]): Promise<void>;
  /** Resolves when these topics can be read and written: one that was made a moment ago has leaders that do not serve it yet. */
  abstract untilServed(topics: readonly string[]): Promise<void>;
  abstract deleteTopics(topics: readonly string[]): Promise<void>;
  /** By partition that is ours. */
  abstract watermarks(topic: string): Promise<Map<number, Watermarks>>;
  /** Settings of these topics by Kafka's names, the broker's own included. */
  abstract settings(topics: readonly string[]): Promise<Map<string, ReadonlyMap<string, string>>>;
  /** The committed offsets of a group by partition; undefined where it has committed nothing yet. */
  abstract groupOffsets(groupId: string, topic: string): Promise<Map<number, bigint | undefined>>;
  /** Members of consumer groups; 0 where nobody reads. */
  abstract groupMembers(groupIds: readonly string[]): Promise<Map<string, number>>;
  /** Ends a connection that is kept open; the next call opens it again. */
  abstract close(): Promise<void>;
}

/** Records of a partition that a group has not confirmed yet; `committed` is undefined before its first commit. */
export function lagOf({ low, high }: Watermarks, committed: bigint | undefined): bigint {
  const from = committed !== undefined && committed > low ? committed : low;
  return high > from ? high - from : 0n;
}

/** Records of a topic that a group has not confirmed yet, by partition. */
export async function groupLag(
  admin: Pick<TopicAdmin, 'groupOffsets' | 'watermarks'>,
  groupId: string,
  topic: string,
): Promise<Map<number, bigint>> {
  const [offsets, marks] = [await admin.groupOffsets(groupId, topic), await admin.watermarks(topic)];
  return new Map([...marks].map(([partition, ends]) => [partition, lagOf(ends, offsets.get(partition))]));
}
