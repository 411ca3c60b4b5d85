import type { ICustomPartitioner } from 'kafkajs';

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Murmur2 of Kafka's Java client (`Utils.murmur2`); the client library's own does it in 64-bit objects, slowly. */
export function murmur2(data: Buffer): number {
  const { imul } = Math;
  const end = data.length & ~3;
  let hash = SEED ^ data.length;
  for (let at = 0; at < end; at += 4) {
    const word = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    const k = imul(word, M);
    hash = imul(hash, M) ^ imul(k ^ (k >>> 24), M);
  }
  if (data.length > end) {
    for (let at = data.length - 1; at >= end; at -= 1) hash ^= data[at]! << ((at - end) * 8);
    hash = imul(hash, M);
  }
  hash = imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** The partition of a key among `count`, as Java's default partitioner has it. */
export const partitionOf = (key: Buffer, count: number): number => (murmur2(key) & 0x7fffffff) % count;

/**
 * Asked once per record and then kept in the message: a repeat must not move a record to another partition. `count` is
 * the sync file's: by the broker's count of the moment a topic that was raised would move keys at once.
 */
export const javaPartitioner =
  (count: number): ICustomPartitioner =>
  () =>
  ({ message, partitionMetadata }) =>
    (message.partition ??= partitionOf(
      message.key as Buffer,
      Number.isFinite(count) ? count : partitionMetadata.length,
    ));
