import { freeLarge, transient } from '@tributary/kernel';
import { byteLength, type InRecord } from './records';
import type { Transport } from './transport';

type Readable = Pick<Transport, 'reader'>;

/** Patience with a topic that holds records and gives none. */
const STILL_MS = 60_000;
const POLL_MS = 250;
/** Of one answer to who follows a topic. */
const FOLLOWED_BYTES = 4 << 20;

/** A record and where it stands. */
export interface PlacedRecord extends InRecord {
  readonly partition: number;
}

/**
 * The last `perPartition` records of every partition, in offset order within a partition. Fewer where the topic
 * holds fewer. Throws a SyncError (`retry` when Kafka is away or stands still for 60 s).
 */
export async function readTail(
  transport: Readable,
  topic: string,
  perPartition: number,
): Promise<PlacedRecord[]> {
  const count = BigInt(perPartition);
  const tails = new Map<number, PlacedRecord[]>();
  const start = (low: bigint, high: bigint) => (high - low > count ? high - count : low);
  for await (const { partition, records } of readOnce(transport, topic, start)) {
    const tail = tails.get(partition) ?? [];
    tails.set(partition, tail);
    for (const { key, value, headers, offset, timestamp } of records)
      tail.push({ key, value, headers, offset, timestamp, partition });
  }
  return [...tails.values()].flat();
}

/** Hands over every record that the topic holds now, then returns. Throws a SyncError like `readTail`. */
export async function readAll(
  transport: Readable,
  topic: string,
  onRecords: (partition: number, records: readonly InRecord[]) => void,
): Promise<void> {
  for await (const { partition, records } of readTopic(transport, topic)) onRecords(partition, records);
}

/** Records of one partition, in offset order. */
export interface TopicPiece {
  readonly partition: number;
  readonly records: readonly InRecord[];
}

/**
 * The records that the topic holds now, piece by piece; nothing is read ahead of who takes them. `from`: of these
 * partitions only, from these offsets on. Throws a SyncError (`retry` when Kafka is away or stands still for 60 s).
 */
export async function* readTopic(
  transport: Readable,
  topic: string,
  from?: ReadonlyMap<number, bigint>,
): AsyncGenerator<TopicPiece> {
  const start = (low: bigint, high: bigint, partition: number) => {
    const wanted = from ? (from.get(partition) ?? high) : low;
    return wanted > low ? wanted : low;
  };
  yield* readOnce(transport, topic, start);
}

/** From where a partition is read, given its oldest offset and the one after its last record. */
export type StartOf = (low: bigint, high: bigint, partition: number) => bigint;

/**
 * Like `readTopic`, from where `start` says: it is asked for every partition before the first record is read. For records
 * of which little is kept: `maxBytes` bounds what is in memory at a time, but for one batch of records.
 */
export function readSpans(
  transport: Readable,
  topic: string,
  start: StartOf,
  maxBytes: number,
): AsyncGenerator<TopicPiece> {
  return readOnce(transport, topic, start, maxBytes);
}

/**
 * The records of a topic from where `start` says on, and those that come, until the signal aborts. Throws a SyncError
 * (`retry` when Kafka is away).
 */
export async function* followTopic(
  transport: Readable,
  topic: string,
  start: StartOf,
  signal?: AbortSignal,
): AsyncGenerator<TopicPiece> {
  const reader = transport.reader(topic, FOLLOWED_BYTES);
  try {
    await reader.open();
    const [low, high] = [await reader.offsets('low'), await reader.offsets('high')];
    const positions = new Map(
      [...high].map(([partition, end]) => [partition, start(low.get(partition)!, end, partition)]),
    );
    while (!signal?.aborted)
      for (const [partition, records] of await reader.fetch(positions, POLL_MS)) yield { partition, records };
  } finally {
    await reader.close();
  }
}

async function* readOnce(
  transport: Readable,
  topic: string,
  start: StartOf,
  maxBytes?: number,
): AsyncGenerator<TopicPiece> {
  const reader = transport.reader(topic, maxBytes);
  try {
    await reader.open();
    const [low, high] = [await reader.offsets('low'), await reader.offsets('high')];
    const positions = new Map(
      [...high].map(([partition, end]) => [partition, start(low.get(partition)!, end, partition)]),
    );
    let taken = 0;
    for (let deadline = performance.now() + STILL_MS; ;) {
      // What the last answer was read in is garbage now (R13).
      freeLarge(taken);
      for (const [partition, position] of positions)
        if (position >= high.get(partition)!) positions.delete(partition);
      if (positions.size === 0) return;
      if (performance.now() > deadline)
        throw transient('UNREACHABLE', `Topic ${topic} has given no record for ${STILL_MS / 1000} s.`);
      const fetched = await reader.fetch(positions, POLL_MS);
      taken = 0;
      for (const [partition, records] of fetched) {
        for (const { value } of records) taken += byteLength(value);
        const end = high.get(partition)!;
        yield { partition, records: records.filter(({ offset }) => BigInt(offset) < end) };
      }
      if (fetched.size > 0) deadline = performance.now() + STILL_MS;
    }
  } finally {
    await reader.close();
  }
}
