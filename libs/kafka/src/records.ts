import type { Headers } from '@tributary/change-event';

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

/** Sent on its own, kafkajs would throw a TypeError on a null header value, so it goes out as an empty one. */
export function outgoingHeaders(
  headers: Headers | undefined,
): Record<string, Buffer | string | (Buffer | string)[]> {
  const result: Record<string, Buffer | string | (Buffer | string)[]> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value === undefined) continue;
    // kafkajs puts an inherited function before the value of a header named like one of Object's (`toString`).
    if (Array.isArray(value)) result[name] = value.filter(isWritable);
    else result[name] = isWritable(value) ? value : '';
  }
  return result;
}

const isWritable = (value: unknown): value is Buffer | string =>
  typeof value === 'string' || Buffer.isBuffer(value);

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
