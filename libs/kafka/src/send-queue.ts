import type { Message } from 'kafkajs';
import { OversizeRecordError } from './oversize';
import { MOST_PACKED_BYTES } from './produce-request';
import { outgoingHeaders, recordBytes, type OutRecord } from './records';

/** Small enough for the client's quadratic grouping, large enough to be fast. */
const CHUNK_RECORDS = 2000;
/** A larger record goes alone. A batch of others can be packed, and suits any topic, packed or not: Kafka's default. */
const CHUNK_BYTES = MOST_PACKED_BYTES;

/** One record on its way; `message.partition` is filled in by the partitioner at the first try and then kept. */
export interface Pending {
  readonly topic: string;
  readonly message: Message;
  readonly bytes: number;
  readonly index: number;
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

  delivered(): void {
    this.#left -= 1;
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

  add(topic: string, records: readonly OutRecord[]): SendCall {
    const call = new SendCall(topic, records.length);
    records.forEach((record, index) => {
      const { key, partition } = record;
      if (key === null && partition === undefined)
        throw new Error(`Record ${index} for ${topic} has neither key nor partition`);
    });
    records.forEach((record, index) => {
      const { key, value, partition, headers } = record;
      const bytes = typeof key === 'string' ? Buffer.from(key) : key;
      // The client does not look at values; the encoder of requests (produce-request.ts) knows pieces.
      const message: Message = {
        key: bytes,
        value: value as Message['value'],
        headers: outgoingHeaders(headers),
      };
      if (partition !== undefined) message.partition = partition;
      this.#pending.push({ topic, message, bytes: recordBytes(record), index, call });
    });
    return call;
  }

  /** Takes the next request's worth: one topic, bounded in records and bytes, a larger record on its own. */
  take(): Pending[] {
    const topic = this.#pending[0]?.topic;
    let [count, bytes] = [0, 0];
    for (const pending of this.#pending) {
      bytes += pending.bytes;
      if (pending.topic !== topic || count >= CHUNK_RECORDS || (count > 0 && bytes > CHUNK_BYTES)) break;
      count += 1;
    }
    return this.#pending.splice(0, count);
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
