import { headerValues, type Headers, type HeaderValue } from '@tributary/change-event';
import type { Message } from 'kafkajs';

/** A record to publish. It needs a key, or a partition when it has none: nothing is spread at random. */
export interface OutRecord {
  readonly key: Buffer | string | null;
  /** A large one may come in pieces, which stand in the message one after the other. */
  readonly value: Buffer | string | readonly Buffer[] | null;
  readonly headers?: Headers;
  /** Explicit partition; without it the key decides, exactly as with Java's default partitioner. */
  readonly partition?: number;
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

/** Headers as the client takes them; its types do not know a header without a value (null), which Kafka does. */
export function outgoingHeaders(headers: Headers | undefined): NonNullable<Message['headers']> {
  // Without a prototype: a header may be called `__proto__`.
  const result = Object.create(null) as Record<string, HeaderValue>;
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value === undefined) continue;
    result[name] = Array.isArray(value) ? headerValues(value) : value;
  }
  return result as NonNullable<Message['headers']>;
}

/** Bytes of a record on the wire, at most a little too high. */
export function recordBytes(record: OutRecord): number {
  let bytes = 70 + byteLength(record.key) + byteLength(record.value);
  for (const [name, value] of Object.entries(record.headers ?? {}))
    for (const one of Array.isArray(value) ? value : [value])
      bytes += 10 + byteLength(name) + byteLength(one);
  return bytes;
}

export function byteLength(value: Buffer | string | readonly Buffer[] | null | undefined): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.reduce((sum: number, piece: Buffer) => sum + piece.length, 0);
  return (value as Buffer | null | undefined)?.length ?? 0;
}
