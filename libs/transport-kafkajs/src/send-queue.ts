import type { Message } from 'kafkajs';
import { OversizeRecordError, type OutRecord, type PassedBatch } from '@tributary/transport';
import { MOST_PACKED_BYTES, sizeOfRecord, type SizedMessage } from './produce-request';
import { BatchMessage } from './record-batch/passed-batch';
import type { StoredBatch } from './record-batch/stored-batch';

/** Small enough for the client's quadratic grouping, large enough to be fast. */
const CHUNK_RECORDS = 2000;
/** A larger record goes alone. A batch of others can be packed, and suits any topic, packed or not: Kafka's default. */
const CHUNK_BYTES = MOST_PACKED_BYTES;
/** At most, of a record that stands alone: the head of its batch, and its length and place there. */
const BATCH_BYTES = 70;

/**
 * One record on its way, or a batch; `message.partition` is filled in by the partitioner at the first try and then kept.
 */
export interface Pending {
  readonly topic: string;
  readonly message: Message;
  readonly bytes: number;
  /** Of its first record among those of the call. */
  readonly index: number;
  readonly count: number;
  readonly call: SendCall;
}

/** One `send`: settles when every one of its records is settled. */
export class SendCall {
  readonly done: Promise<void>;
  #left: number;
  readonly #oversize: number[] = [];
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(
    readonly topic: string,
    count: number,
  ) {
    this.#left = count;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  delivered(count = 1): void {
    this.#left -= count;
    if (this.#left > 0) return;
    if (this.#oversize.length === 0) this.#resolve();
    else
      this.#reject(
        new OversizeRecordError(
          this.topic,
          this.#oversize.sort((a, b) => a - b),
        ),
      );
  }

  oversize(index: number): void {
    this.#oversize.push(index);
    this.delivered();
  }

  failed(error: Error): void {
    this.#reject(error);
  }
}

/** Records waiting to be sent, in the order of the calls; neighbouring calls share a request. */
export class SendQueue {
  #pending: Pending[] = [];

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  /** A batch counts as its records. */
  add(topic: string, items: readonly (OutRecord | PassedBatch)[]): SendCall {
    items.forEach((item, index) => {
      if (!('batch' in item) && item.key === null && item.partition === undefined)
        throw new Error(`Record ${index} for ${topic} has neither key nor partition`);
    });
    const call = new SendCall(
      topic,
      items.reduce((sum, item) => sum + countOf(item), 0),
    );
    let index = 0;
    for (const item of items) {
      this.#pending.push(
        'batch' in item ? pendingBatch(topic, item, index, call) : pendingRecord(topic, item, index, call),
      );
      index += countOf(item);
    }
    return call;
  }

  /**
   * Takes the next request's worth: one topic, bounded in records and bytes, a larger record on its own. A partition gets
   * one batch, or records, since a request holds one batch of each; what has to wait for the next request holds back
   * nothing of other partitions.
   */
  take(): Pending[] {
    const topic = this.#pending[0]?.topic;
    const taken: Pending[] = [];
    const left: Pending[] = [];
    const [filled, closed] = [new Set<number>(), new Set<number>()];
    let [count, bytes, seen, hasKeys] = [0, 0, 0, false];
    for (const pending of this.#pending) {
      const { partition } = pending.message;
      const isBatch = pending.message instanceof BatchMessage;
      const isFull =
        count > 0 && (count + pending.count > CHUNK_RECORDS || bytes + pending.bytes > CHUNK_BYTES);
      // Where a key leads is not known yet: perhaps to a partition that has a batch, or waits.
      if (pending.topic !== topic || isFull || (partition === undefined && closed.size > 0)) break;
      seen += 1;
      if (
        partition !== undefined &&
        (closed.has(partition) || (isBatch && (hasKeys || filled.has(partition))))
      ) {
        left.push(pending);
        closed.add(partition);
        continue;
      }
      taken.push(pending);
      count += pending.count;
      bytes += pending.bytes;
      if (partition !== undefined) (isBatch ? closed : filled).add(partition);
      else hasKeys = true;
    }
    this.#pending = [...left, ...this.#pending.slice(seen)];
    return taken;
  }

  /** Rejects the calls of `records` and forgets what is left of them. */
  fail(records: readonly Pending[], error: Error): void {
    const calls = new Set(records.map(({ call }) => call));
    this.#pending = this.#pending.filter(({ call }) => !calls.has(call));
    for (const call of calls) call.failed(error);
  }

  failAll(error: Error): void {
    this.fail(this.#pending, error);
  }
}

const countOf = (item: OutRecord | PassedBatch): number => ('batch' in item ? item.batch.count : 1);

function pendingRecord(topic: string, record: OutRecord, index: number, call: SendCall): Pending {
  const { key, value, partition, headers } = record;
  // The client looks neither at values nor at headers; the encoder of requests (produce-request.ts) knows all of them.
  const message: SizedMessage = {
    key: typeof key === 'string' ? Buffer.from(key) : key,
    value: value as Message['value'],
    headers: headers as Message['headers'],
    size: 0,
  };
  if (partition !== undefined) message.partition = partition;
  message.size = sizeOfRecord(message);
  return { topic, message, bytes: message.size + BATCH_BYTES, index, count: 1, call };
}

function pendingBatch(topic: string, passed: PassedBatch, index: number, call: SendCall): Pending {
  // It came from `wholeBatch`, which gives no other.
  const batch = passed.batch as StoredBatch;
  const message = new BatchMessage(batch, passed.partition);
  return { topic, index, call, message, bytes: batch.bytes.length, count: batch.count };
}

export const isBatch = (pending: Pending): pending is Pending & { message: BatchMessage } =>
  pending.message instanceof BatchMessage;

/** The records of a batch that the topic does not take as a whole. */
export function recordsOf({ topic, message, index, call }: Pending & { message: BatchMessage }): Pending[] {
  const { batch, partition } = message;
  return batch
    .records()
    .map(({ key, value, headers }, nth) =>
      pendingRecord(topic, { key, value, headers, partition }, index + nth, call),
    );
}
