import { backoffMs, pause, settledWithin, transient, type SyncError } from '@tributary/kernel';
import {
  MAX_RECORD_BYTES,
  type InRecord,
  type Log,
  type OutRecord,
  type PassedBatch,
  type PublisherEvents,
  type RecordPublisher,
} from '@tributary/transport';
import type { CompressionTypes, Message, Producer, RecordMetadata } from 'kafkajs';
import { javaPartitioner } from './java-partitioner';
import type { Kafka } from './kafka';
import { hasType, kafkaError } from './kafka-error';
import { SortedMessages } from './partition-run';
import { codecOf } from './record-batch/codecs';
import { wholeBatch } from './record-batch/passed-batch';
import type { StoredBatch } from './record-batch/stored-batch';
import { isBatch, recordsOf, SendQueue, type Pending } from './send-queue';

/**
 * Publishes from an idempotent producer, one request in flight at a time. After a failed request the unacknowledged records
 * are sent again, by a new producer when the client's own repeats did not help.
 */
export class OrderedPublisher implements RecordPublisher {
  readonly #kafka: Kafka;
  readonly #log: Log;
  readonly #events: PublisherEvents;
  readonly #codec: CompressionTypes;
  readonly #queue = new SendQueue();
  readonly #stop = new AbortController();
  #producer: Promise<Producer> | undefined;
  #draining: Promise<void> | undefined;
  #trouble: SyncError | undefined;

  /** Throws a SyncError `fatal` when this Node.js has not the compression that the sync file says. */
  constructor(kafka: Kafka, events: PublisherEvents = {}) {
    this.#kafka = kafka;
    this.#codec = codecOf(kafka.compression);
    this.#log = kafka.log;
    this.#events = events;
  }

  get trouble(): string | null {
    return this.#trouble?.message ?? null;
  }

  async start(): Promise<void> {
    try {
      await this.#connected();
    } catch (error) {
      await this.#failed(error);
      const problem = kafkaError(error, this.#kafka.brokers);
      if (problem.kind === 'fatal') throw problem;
    }
  }

  async stop(): Promise<void> {
    if (this.#draining && !this.#trouble) await settledWithin(this.#draining, 5000);
    this.#stop.abort();
    this.#queue.failAll(this.#stopped());
    await this.#drop();
  }

  async send(topic: string, records: readonly (OutRecord | PassedBatch)[]): Promise<void> {
    if (records.length === 0) return;
    if (this.#stop.signal.aborted) throw this.#stopped();
    const call = this.#queue.add(topic, records);
    this.#draining ??= this.#drain();
    await call.done;
  }

  wholeBatch(records: readonly InRecord[], from: number): StoredBatch | undefined {
    return wholeBatch(records, from);
  }

  async #drain(): Promise<void> {
    // Calls made in the same turn of the event loop share a request.
    await Promise.resolve();
    try {
      while (!this.#queue.isEmpty && !this.#stop.signal.aborted) await this.#deliver(this.#queue.take());
    } finally {
      // In the same turn as the check above: a send between the two would wait for a drain that has ended.
      this.#draining = undefined;
    }
  }

  /** Sends one chunk until each of its records is settled. */
  async #deliver(chunk: Pending[]): Promise<void> {
    let left = this.#withoutGiants(chunk);
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (this.#stop.signal.aborted) return this.#queue.fail(left, this.#stopped());
      try {
        const missed = await this.#attempt(left);
        // A leader moved, and the next try finds the new one; the client also leaves out what has no partition at all.
        if (missed.length === left.length) throw noPartition(left[0]!);
        left = missed;
        if (left.length === 0) this.#recovered();
      } catch (error) {
        await this.#drop();
        if (hasType(error, 'MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE')) return this.#divide(left);
        const problem = kafkaError(error, this.#kafka.brokers);
        if (problem.kind === 'fatal') return this.#queue.fail(left, problem);
        this.#report(problem, left);
        await pause(backoffMs(attempt, 100, 5000), this.#stop.signal);
      }
    }
  }

  /** One request; answers the records that were not acknowledged. */
  async #attempt(chunk: readonly Pending[]): Promise<Pending[]> {
    const producer = await this.#connected();
    const acks = await producer.send({
      topic: chunk[0]!.topic,
      acks: -1,
      compression: this.#codec,
      messages: new SortedMessages(chunk) as unknown as Message[],
    });
    // When a partition's leader moves in the middle of the client's own repeats, the client takes it for sent.
    const acknowledged = new Set(acks.map(({ partition }) => partition));
    this.#tellEnds(chunk, acks);
    const missed: Pending[] = [];
    for (const pending of chunk)
      if (acknowledged.has(pending.message.partition!)) pending.call.delivered(pending.count);
      else missed.push(pending);
    if (missed.length > 0) await this.#drop();
    return missed;
  }

  #tellEnds(chunk: readonly Pending[], acks: readonly RecordMetadata[]): void {
    const { onAcknowledged } = this.#events;
    if (!onAcknowledged) return;
    const counts = new Map<number, number>();
    for (const { message, count } of chunk)
      counts.set(message.partition!, (counts.get(message.partition!) ?? 0) + count);
    for (const { topicName, partition, baseOffset } of acks)
      if (baseOffset !== undefined && BigInt(baseOffset) >= 0n)
        onAcknowledged(topicName, partition, BigInt(baseOffset) + BigInt(counts.get(partition) ?? 0));
  }

  /** The broker refuses a whole request for one record: halve until that record stands alone. */
  async #divide(chunk: Pending[]): Promise<void> {
    const [first] = chunk;
    if (chunk.length === 1)
      return isBatch(first!) ? this.#deliver(recordsOf(first)) : first!.call.oversize(first!.index);
    const middle = chunk.length >> 1;
    await this.#deliver(chunk.slice(0, middle));
    await this.#deliver(chunk.slice(middle));
  }

  /** A record past the broker's request limit would make it close the connection, again and again. */
  #withoutGiants(chunk: Pending[]): Pending[] {
    return chunk.filter(({ bytes, call, index }) => {
      if (bytes <= MAX_RECORD_BYTES) return true;
      call.oversize(index);
      return false;
    });
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    const producer = this.#kafka.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: javaPartitioner(this.#kafka.partitions),
      retry: { retries: 4, initialRetryTime: 50, maxRetryTime: 1000 },
    });
    await producer.connect();
    return producer;
  }

  /** Forgets the producer, and with it its id and sequence numbers. */
  async #drop(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    const closed = producer?.then((connected) => connected.disconnect());
    if (closed) await settledWithin(closed, 1000);
  }

  async #failed(error: unknown): Promise<void> {
    await this.#drop();
    this.#report(kafkaError(error, this.#kafka.brokers), []);
  }

  #report(problem: SyncError, waiting: readonly Pending[]): void {
    if (!this.#trouble) {
      this.#log.warn({ code: problem.code, waiting: waiting.length }, `Publishing waits: ${problem.message}`);
      this.#trouble = problem;
      this.#events.onTrouble?.(problem);
    }
  }

  #recovered(): void {
    if (!this.#trouble) return;
    this.#trouble = undefined;
    this.#log.info({}, 'Publishing works again');
    this.#events.onRecovered?.();
  }

  #stopped = () =>
    transient(
      'STOPPED',
      'The publisher was stopped before Kafka acknowledged all records; they must be sent again.',
    );
}

const noPartition = ({ topic, message: { partition } }: Pending) =>
  transient(
    'KAFKA_PARTITION',
    `Topic ${topic} takes nothing for partition ${partition}: when it has fewer partitions than the sync file says, raise them (docs/operations.md, "Another number of partitions").`,
  );
