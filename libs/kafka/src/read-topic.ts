import { transient } from '@tributary/change-event';
import type { Kafka } from './kafka';
import { kafkaError } from './kafka-error';
import { PartitionReader } from './partition-reader';
import type { InRecord } from './records';

const READ_MS = 60_000;
const POLL_MS = 250;

/** A record and where it stands. */
export interface PlacedRecord extends InRecord {
  readonly partition: number;
}

/**
 * The last `perPartition` records of every partition, in offset order within a partition. Fewer where the topic
 * holds fewer. Throws a SyncError (`retry` when Kafka is away or slower than 60 s).
 */
export async function readTail(kafka: Kafka, topic: string, perPartition: number): Promise<PlacedRecord[]> {
  const count = BigInt(perPartition);
  const tails = new Map<number, PlacedRecord[]>();
  await readOnce(
    kafka,
    topic,
    (low, high) => (high - low > count ? high - count : low),
    (partition, records) => {
      const tail = tails.get(partition) ?? [];
      tails.set(partition, tail);
      for (const record of records) tail.push({ ...record, partition });
    },
  );
  return [...tails.values()].flat();
}

/** Hands over every record that the topic holds now, then returns. Throws a SyncError like `readTail`. */
export async function readAll(
  kafka: Kafka,
  topic: string,
  onRecords: (partition: number, records: readonly InRecord[]) => void,
): Promise<void> {
  await readOnce(kafka, topic, (low) => low, onRecords);
}

async function readOnce(
  kafka: Kafka,
  topic: string,
  start: (low: bigint, high: bigint) => bigint,
  onRecords: (partition: number, records: readonly InRecord[]) => void,
): Promise<void> {
  const reader = new PartitionReader(kafka, topic);
  try {
    await reader.open();
    const [low, high] = [await reader.offsets('low'), await reader.offsets('high')];
    const positions = new Map(
      [...high].map(([partition, end]) => [partition, start(low.get(partition)!, end)]),
    );
    const deadline = performance.now() + READ_MS;
    for (;;) {
      for (const [partition, position] of positions)
        if (position >= high.get(partition)!) positions.delete(partition);
      if (positions.size === 0) return;
      if (performance.now() > deadline)
        throw transient('UNREACHABLE', `Topic ${topic} could not be read within ${READ_MS / 1000} s.`);
      const fetched = await reader.fetch(positions, POLL_MS);
      for (const [partition, records] of fetched) {
        const end = high.get(partition)!;
        onRecords(
          partition,
          records.filter(({ offset }) => BigInt(offset) < end),
        );
      }
    }
  } catch (error) {
    throw kafkaError(error, kafka.brokers);
  } finally {
    await reader.close();
  }
}
