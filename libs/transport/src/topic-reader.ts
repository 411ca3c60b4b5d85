import type { InRecord } from './records';

/** Reads a topic's partitions at positions of the caller's own, without a group. All throw SyncErrors, `retry` while Kafka is away. */
export abstract class TopicReader {
  /** Connects; nothing stays open when it fails. */
  abstract open(): Promise<void>;
  abstract close(): Promise<void>;
  /** The oldest offset (`low`) or the one after the last record (`high`) of each partition that is ours. */
  abstract offsets(end: 'low' | 'high'): Promise<Map<number, bigint>>;
  /**
   * Fetches from `positions` on and moves them past what it returns. Answers at once when there is something,
   * after `maxWaitMs` with nothing when there is not.
   */
  abstract fetch(positions: Map<number, bigint>, maxWaitMs: number): Promise<Map<number, InRecord[]>>;
}
