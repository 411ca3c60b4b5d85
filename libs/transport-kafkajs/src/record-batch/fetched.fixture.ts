import { crc32c } from '../crc32c';
import { encodeProduce, type ProduceParams } from '../produce-request';
import { at } from './stored-batch';

type Messages = ProduceParams['topicData'][number]['partitions'][number]['messages'];

const fill = (length: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
};
const int16 = (value: number) => fill(2, (bytes) => bytes.writeInt16BE(value));
const int32 = (value: number) => fill(4, (bytes) => bytes.writeInt32BE(value));
const int64 = (value: bigint) => fill(8, (bytes) => bytes.writeBigInt64BE(value));

/** A batch as a producer writes it. */
export const batchOf = (messages: Messages, compression = 0): Buffer => {
  const partitions = [{ partition: 0, messages }];
  const topicData = [{ topic: 't', partitions }];
  // Behind the head of the request, its one topic and the number and size of its one partition.
  return encodeProduce({ acks: -1, timeout: 1, compression, producerId: 77, topicData }).subarray(27);
};

/** With the checksum that belongs to it. */
export function sealed(batch: Buffer): Buffer {
  batch.writeInt32BE(batch.length - at.leaderEpoch, at.length);
  batch.writeUInt32BE(crc32c(batch, at.attributes, batch.length), at.crc);
  return batch;
}

interface Placed {
  readonly offset: bigint;
  readonly flags: number;
  readonly time: bigint;
}

/** A batch as a broker stores it: it writes the offset, and with log append time the time. */
export function placed(batch: Buffer, { offset, flags, time }: Placed): Buffer {
  const copy = Buffer.from(batch);
  copy.writeBigInt64BE(offset, at.baseOffset);
  copy.writeInt16BE(copy.readInt16BE(at.attributes) | flags, at.attributes);
  copy.writeBigInt64BE(time, at.maxTime);
  return sealed(copy);
}

/** The answer to a fetch of one topic, with the batches of each of its partitions. */
export function answer(
  version: number,
  sets: readonly Buffer[],
  aborted: readonly bigint[] = [],
  error = 0,
): Buffer {
  const partitions = sets.flatMap((set, partition) => [
    ...[int32(partition), int16(error), int64(1_000_000n), int64(999_999n)],
    ...(version >= 5 ? [int64(3n)] : []),
    ...[int32(aborted.length || -1), ...aborted.flatMap((first) => [int64(77n), int64(first)])],
    ...(version >= 11 ? [int32(-1)] : []),
    ...[int32(set.length), set],
  ]);
  const topic = [int16(5), Buffer.from('topic'), int32(sets.length)];
  const head = version >= 7 ? [int16(0), int32(9)] : [];
  return Buffer.concat([int32(25), ...head, int32(1), ...topic, ...partitions]);
}
