import type { GroupOptions, GroupReader } from './group-reader';
import type { PublisherEvents, RecordPublisher } from './record-publisher';
import type { TopicAdmin } from './topic-admin';
import type { TopicReader } from './topic-reader';
import type { TopicWatch } from './topic-watch';

/**
 * One Kafka cluster. It holds no connection itself: each port that it gives opens its own. A class, so that Nest can inject
 * it; an adapter implements it around its client.
 */
export abstract class Transport {
  /** The brokers as in KAFKA_BROKERS, for messages. */
  abstract readonly brokers: string;
  abstract publisher(events?: PublisherEvents): RecordPublisher;
  /** A member of a consumer group; it joins at `start`. */
  abstract group(options: GroupOptions): GroupReader;
  /** Reads one topic outside of any group. `maxBytes`: of one answer, but it always holds one batch of records. */
  abstract reader(topic: string, maxBytes?: number): TopicReader;
  /** Connects for each call, or once, until `close`, when it is to be kept open. */
  abstract admin(options?: { readonly keepOpen?: boolean }): TopicAdmin;
  abstract watch(): TopicWatch;
  /** Where its publishers put records of a key. */
  abstract partitionOf(key: Buffer): number;
}
