import type { ConnectionOptions } from 'node:tls';
import type { Compression } from '@tributary/sync-config';

/** How a Kafka cluster is reached and written, whatever the client. */
export interface KafkaSettings {
  /** `host:port` of one broker or more. */
  readonly brokers: string[];
  readonly clientId: string;
  /**
   * Partitions of the data topics by the sync file. Keys are divided by it, whatever the broker has, and partitions
   * beyond it are nobody's: neither written, read nor counted. Without it the broker's count is taken as it is.
   */
  readonly partitions?: number;
  /** How batches are written; default `lz4`. All are read. */
  readonly compression?: Compression;
  readonly ssl?: boolean | ConnectionOptions;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}
