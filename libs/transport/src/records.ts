import type { Headers } from '@tributary/contract';

/** A record to publish. It needs a key, or a partition when it has none: nothing is spread at random. */
export interface OutRecord {
  readonly key: Buffer | string | null;
  /** A large one may come in pieces, which stand in the message one after the other. */
  readonly value: Buffer | string | readonly Buffer[] | null;
  readonly headers?: Headers;
  /** Explicit partition; without it the key decides, exactly as with Java's default partitioner. */
  readonly partition?: number;
}

/** A batch of records that goes on as it stands; only the publisher that gave it knows what is in it. */
export interface WholeBatch {
  /** Of its records. */
  readonly count: number;
}

/** A batch and where it goes; it counts as its records. */
export interface PassedBatch {
  readonly partition: number;
  readonly batch: WholeBatch;
}

/** A record as Kafka delivered it; header values are Buffers, a repeated header is an array of them. */
export interface InRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  readonly offset: string;
  /** Milliseconds since 1970, as digits. */
  readonly timestamp: string;
}

/** Records of one partition in offset order. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly InRecord[];
  /** The offset after the last record of the partition, at the time of the fetch. */
  readonly highWatermark: string;
}

export function byteLength(value: Buffer | string | readonly Buffer[] | null | undefined): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.reduce((sum: number, piece: Buffer) => sum + piece.length, 0);
  return (value as Buffer | null | undefined)?.length ?? 0;
}
