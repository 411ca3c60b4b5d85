import type { Message } from 'kafkajs';
import { crc32c } from '../crc32c';
import type { InRecord } from '@tributary/transport';
import { at, LOG_APPEND_TIME, type StoredBatch } from './stored-batch';
import { StoredRecord } from './stored-record';

/** Fewer records go on one by one: a produce request takes one batch for a partition, and costs what 100 records cost. */
const LEAST_RECORDS = 20;

/** The batch that begins with the record number `from`, if all its records stand there and it can be passed on. */
export function wholeBatch(records: readonly InRecord[], from: number): StoredBatch | undefined {
  const first = records[from];
  if (!(first instanceof StoredRecord) || first.offsetDelta !== 0) return undefined;
  const { batch } = first;
  const { count } = batch;
  const last = records[from + count - 1];
  const isWhole = last instanceof StoredRecord && last.batch === batch && last.offsetDelta === count - 1;
  return isWhole && count >= LEAST_RECORDS && batch.isPassable ? batch : undefined;
}

/** What the client takes for a message; it stands in a request as often as the batch has records, so that they are counted. */
export class BatchMessage implements Message {
  readonly key = null;
  readonly value = null;

  constructor(
    readonly batch: StoredBatch,
    public partition: number,
  ) {}
}

/** Whose a batch becomes. */
export interface Sender {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly now: bigint;
}

/** Writes `batch` to `out` at `start` as that of another producer; the records stay as they are, packed or not. Answers its end. */
export function writePassed(out: Buffer, start: number, batch: StoredBatch, sender: Sender): number {
  const end = start + batch.bytes.length;
  out.set(batch.bytes, start);
  out.writeBigInt64BE(0n, start + at.baseOffset);
  out.writeInt32BE(0, start + at.leaderEpoch);
  out.writeInt16BE(batch.attributes & ~LOG_APPEND_TIME, start + at.attributes);
  out.writeBigInt64BE(sender.now, start + at.baseTime);
  out.writeBigInt64BE(sender.now, start + at.maxTime);
  out.writeBigInt64BE(sender.producerId, start + at.producerId);
  out.writeInt16BE(sender.producerEpoch, start + at.producerEpoch);
  out.writeInt32BE(sender.sequence, start + at.baseSequence);
  out.writeUInt32BE(crc32c(out, start + at.attributes, end), start + at.crc);
  return end;
}
