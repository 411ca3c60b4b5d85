import { errorText } from '@tributary/kernel';
import { BytesReader } from './bytes-reader';
import { DamagedBatch } from './damaged-batch';
import { at, StoredBatch } from './stored-batch';
import type { StoredRecord } from './stored-record';

/** What the client's consumer looks at. */
interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset?: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica?: number;
  readonly messages: readonly (StoredRecord | DamagedBatch)[];
}

export interface FetchAnswer {
  /** Milliseconds. From version 8 on the client is to wait, before it the broker has waited. */
  readonly throttleTime: number;
  readonly clientSideThrottleTime?: number;
  readonly errorCode?: number;
  readonly sessionId?: number;
  readonly responses: { readonly topicName: string; readonly partitions: FetchedPartition[] }[];
}

/** Versions of the answer that `readFetchAnswer` knows: record batches came with 4, the client speaks none above 11. */
export const KNOWN_VERSIONS = { from: 4, to: 11 };

/**
 * What the batches of one answer may take unpacked; the first one is taken whatever it takes. Those beyond it are left
 * where they are, and fetched again (R13).
 */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * The answer to a fetch request, its records where they stand in `body`, without the partitions that have none: the client
 * would send each of them through its queue of workers. `undefined`: it holds messages of Kafka before
 * 0.11, which the client reads itself. Throws an Error when the bytes are no such answer.
 */
export function readFetchAnswer(body: Buffer, version: number): FetchAnswer | undefined {
  const reader = new BytesReader(body);
  const throttle = reader.int32();
  const head = version >= 7 ? { errorCode: reader.int16(), sessionId: reader.int32() } : {};
  const room = { left: MOST_BYTES, isOld: false };
  const responses = reader.array(() => {
    const topicName = reader.string()!;
    const all = reader.array(() => partitionOf(reader, version, topicName, room));
    return { topicName, partitions: all.filter((partition) => partition !== undefined) };
  });
  if (room.isOld) return undefined;
  const times =
    version >= 8 ? { throttleTime: 0, clientSideThrottleTime: throttle } : { throttleTime: throttle };
  return { ...times, ...head, responses };
}

interface Room {
  left: number;
  isOld: boolean;
}

/** `undefined`: there is nothing to be told of it. */
function partitionOf(
  reader: BytesReader,
  version: number,
  topic: string,
  room: Room,
): FetchedPartition | undefined {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const startOffset = version >= 5 ? reader.int64() : undefined;
  const abortedTransactions = reader.array(() => ({
    producerId: String(reader.int64()),
    firstOffset: String(reader.int64()),
  }));
  const replica = version >= 11 ? reader.int32() : undefined;
  const length = reader.int32();
  if (length <= 0 && errorCode === 0 && (replica ?? -1) === -1) return undefined;
  return {
    ...{ partition, errorCode, abortedTransactions },
    ...{ highWatermark: String(highWatermark), lastStableOffset: String(lastStableOffset) },
    ...(startOffset !== undefined && { lastStartOffset: String(startOffset) }),
    ...(replica !== undefined && { preferredReadReplica: replica }),
    messages: messagesOf(reader, length, `${topic}/${partition}`, highWatermark, room),
  };
}

function messagesOf(
  reader: BytesReader,
  length: number,
  place: string,
  highWatermark: bigint,
  room: Room,
): (StoredRecord | DamagedBatch)[] {
  const { bytes, at: start } = reader;
  if (length > 0) reader.skip(length);
  const messages: (StoredRecord | DamagedBatch)[] = [];
  for (let from = start; from < reader.at;) {
    // The broker cuts the last batch off where the fetch is full.
    if (reader.at - from < at.records) break;
    const size = bytes.readInt32BE(from + at.length);
    const end = from + at.leaderEpoch + size;
    if (end > reader.at) break;
    if (room.left <= 0) break;
    const baseOffset = bytes.readBigInt64BE(from);
    try {
      const magic = bytes[from + at.magic]!;
      if (magic < 2) room.isOld = true;
      if (magic !== 2) throw new Error(`its format is ${magic}`);
      if (size < at.records - at.leaderEpoch) throw new Error(`its length is ${size}`);
      const batch = new StoredBatch(bytes.subarray(from, end));
      for (const record of batch.records()) messages.push(record);
      room.left -= batch.unpackedBytes;
    } catch (error) {
      messages.push(new DamagedBatch(place, baseOffset, errorText(error), String(highWatermark - 1n)));
      break;
    }
    from = end;
  }
  return messages;
}
