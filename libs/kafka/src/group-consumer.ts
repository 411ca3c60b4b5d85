import { fatal, SyncError } from '@tributary/change-event';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { BatchWorker, type Assignment, type HandleBatch } from './batch-worker';
import { LiveState } from './consumer-state';
import { feedBack, type AssignedPartitions, type OnAssigned } from './feed-back';
import type { Kafka } from './kafka';
import { kafkaError, reason } from './kafka-error';
import type { Log } from './log';
import { backoffMs, pause, settledWithin } from './pause';

/** Kafka drops a member after 30 s of silence; past twice that the client has got stuck and is made anew. */
const STUCK_MS = 75_000;
/** Crashes in a row, without a batch confirmed in between, that nobody can explain. */
const MAX_CRASHES = 5;

export interface GroupConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** Asked when a consumer subscribes: Nest registers handlers after the strategy is made. */
  readonly topics: () => string[];
  readonly log: Log;
  readonly handle: HandleBatch;
  readonly partitionsConsumedConcurrently: number;
  readonly maxBytesPerPartition: number;
  readonly maxBatchRecords: number;
  readonly retryDelay: { readonly firstMs: number; readonly maxMs: number };
  readonly drainMs: number;
  readonly onAssigned?: OnAssigned;
  readonly onFatal: (error: SyncError) => void;
}

/**
 * A member of a consumer group that never gives up by itself: it makes its client consumer anew after a crash, an
 * outage or a stall, until `close`.
 */
export class GroupConsumer {
  readonly state: LiveState;
  readonly #options: GroupConsumerOptions;
  readonly #worker: BatchWorker;
  readonly #closing = new AbortController();
  readonly #giveUp = new AbortController();
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #consumer: Consumer | undefined;
  #assignment: CurrentAssignment | undefined;

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
    this.state = new LiveState(options.kafka.brokers);
    const { log, handle, maxBatchRecords, retryDelay } = options;
    this.#worker = new BatchWorker({
      ...{ log, handle, maxBatchRecords, retryDelay, state: this.state },
      giveUp: this.#giveUp.signal,
      onFatal: (error) => this.#fail(error),
    });
  }

  /** The client's consumer of this moment. */
  get consumer(): Consumer | undefined {
    return this.#consumer;
  }

  /** Starts to work; resolves when the first attempt to join has succeeded or failed. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#running = this.#run(resolve);
    });
  }

  /**
   * Lets running handlers finish and commits them, at most `drainMs`, then leaves the group. What is not confirmed
   * by then comes again, here or on another member.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Goes back to `offset` and commits that; a batch under way is dropped unconfirmed. */
  async rewind(topic: string, partition: number, offset: bigint): Promise<void> {
    const consumer = this.#consumer;
    if (!consumer) return;
    const place = { topic, partition, offset: String(offset) };
    consumer.seek(place);
    this.#options.log.warn(
      { event: 'rewind', ...place },
      `The target lacks events of ${topic}/${partition}: they are applied again from offset ${offset} on`,
    );
    // Committed too, or a crash before the next batch would skip what the target lacks.
    await consumer.commitOffsets([place]);
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#assignment?.doNotBegin();
    const drained = await settledWithin(this.#running ?? Promise.resolve(), this.#options.drainMs);
    this.#worker.stop();
    if (drained) return;
    this.#giveUp.abort();
    this.#options.log.warn(
      { active: this.#worker.active },
      `Batches were still being worked on after ${this.#options.drainMs} ms; they stay unconfirmed and come again`,
    );
  }

  async #run(firstAttempt: () => void): Promise<void> {
    for (let failed = 0; !this.#closing.signal.aborted;) {
      const progress = this.state.lastProgressAt;
      const error = await this.#serve(firstAttempt);
      firstAttempt();
      if (error === null) break;
      failed = this.state.lastProgressAt > progress ? 1 : failed + 1;
      const problem = this.#explained(error, failed);
      if (problem.kind === 'fatal') return this.#fail(problem);
      if (this.state.down === null)
        this.#options.log.warn(
          { code: problem.code, groupId: this.#options.groupId },
          `Reading waits: ${problem.message}`,
        );
      this.state.down = problem.message;
      await pause(backoffMs(failed, 300, 10_000), this.#closing.signal);
    }
  }

  /** Runs one client consumer until it ends; answers why, null when that is because of `close`. */
  async #serve(joined: () => void): Promise<unknown> {
    const { kafka, topics, maxBytesPerPartition, partitionsConsumedConcurrently, groupId } = this.#options;
    const consumer = kafka.client.consumer({
      groupId,
      sessionTimeout: 30_000,
      rebalanceTimeout: 60_000,
      heartbeatInterval: 3000,
      // The broker answers as soon as there is one byte; the wait only bounds how long a stop takes.
      minBytes: 1,
      maxWaitTimeInMs: 250,
      maxBytesPerPartition,
      allowAutoTopicCreation: false,
      // This class makes a new consumer itself: the client's restart leaves some crashes behind for good.
      retry: { retries: 5, restartOnFailure: async () => false },
    });
    const ended = this.#observe(consumer, joined);
    this.state.heard();
    const started = (async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: topics(), fromBeginning: true });
      this.#consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently,
        eachBatch: (payload) => this.#eachBatch(payload, consumer),
      });
    })();
    const failed = started.then(
      () => new Promise<never>(() => undefined),
      (error: unknown) => error,
    );
    const error = await Promise.race([ended.promise, failed, aborted(this.#closing.signal)]);
    ended.stop();
    // While closing, handlers that are at work may still confirm.
    if (error !== null) this.#assignment?.supersede();
    this.state.joined = false;
    await this.#leave(consumer, started);
    if (this.#consumer === consumer) this.#consumer = undefined;
    return error;
  }

  /** Disconnects, also when the consumer is just about to join: it would go on as a member nobody knows of. */
  async #leave(consumer: Consumer, started: Promise<void>): Promise<void> {
    const left = (async () => {
      await consumer.disconnect();
      await started;
      await consumer.disconnect();
    })();
    // While closing, the handlers' time is the bound; else a stuck consumer must not hold up its successor.
    if (this.#closing.signal.aborted) await left.catch(() => undefined);
    else await settledWithin(left, 10_000);
  }

  /** Follows the consumer's events; the promise resolves with the error that ended it. */
  #observe(consumer: Consumer, joined: () => void): { promise: Promise<unknown>; stop(): void } {
    const { events } = consumer;
    const heard = () => this.state.heard();
    consumer.on(events.HEARTBEAT, heard);
    consumer.on(events.COMMIT_OFFSETS, heard);
    consumer.on(events.START_BATCH_PROCESS, heard);
    consumer.on(events.FETCH, () => {
      if (this.#worker.active === 0 && this.state.waiting.size === 0) this.state.progressed();
    });
    consumer.on(events.REBALANCING, () => (this.state.joined = false));
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#assigned(new Map(Object.entries(payload.memberAssignment)));
      joined();
    });
    let watchdog: NodeJS.Timeout | undefined;
    const promise = new Promise<unknown>((resolve) => {
      consumer.on(events.CRASH, ({ payload }) => resolve(payload.error));
      watchdog = setInterval(() => {
        if (this.state.silenceMs > STUCK_MS)
          resolve(new Error(`the consumer has been silent for ${this.state.silenceMs} ms`));
      }, 5000);
    });
    return { promise, stop: () => clearInterval(watchdog) };
  }

  /** Called before the first fetch under a new assignment. */
  #assigned(partitions: AssignedPartitions): void {
    this.#assignment?.supersede();
    const keys = new Set(
      [...partitions].flatMap(([topic, numbers]) => numbers.map((number) => `${topic}/${number}`)),
    );
    this.state.keepOnly(keys);
    this.#worker.keepOnly(keys);
    this.state.heard();
    this.#assignment = new CurrentAssignment(async (signal) => {
      const ready = await this.#positioned(partitions, signal);
      if (ready) this.#joined();
      return ready;
    });
  }

  /** R12: goes back to where the target stands, if it lost what it had. */
  async #positioned(partitions: AssignedPartitions, signal: AbortSignal): Promise<boolean> {
    const { onAssigned, kafka, groupId, log } = this.#options;
    if (!onAssigned) return true;
    try {
      return await feedBack(
        {
          ...{ kafka, groupId, onAssigned },
          rewind: (topic, partition, offset) => this.rewind(topic, partition, offset),
          onTrouble: ({ code, message }) => {
            if (this.state.down === null)
              log.warn({ code, groupId }, `Reading waits for the target: ${message}`);
            this.state.down = message;
          },
        },
        partitions,
        signal,
      );
    } catch (error) {
      this.#fail(kafkaError(error, kafka.brokers));
      return false;
    }
  }

  #joined(): void {
    if (this.state.down !== null)
      this.#options.log.info({ groupId: this.#options.groupId }, 'Reading works again');
    this.state.down = null;
    this.state.joined = true;
  }

  async #eachBatch(payload: EachBatchPayload, consumer: Consumer): Promise<void> {
    // A consumer that was given up may still deliver what it had fetched.
    if (consumer !== this.#consumer || !this.#assignment) return;
    await this.#worker.work(payload, this.#assignment);
  }

  /** Unknown crashes are the client's own faults: a new consumer helps, but not for ever. */
  #explained(error: unknown, failed: number): SyncError {
    const problem = kafkaError(error, this.#options.kafka.brokers);
    const known = problem.code !== 'UNREACHABLE' || isRetriable(error);
    return known || failed < MAX_CRASHES
      ? problem
      : fatal(
          'KAFKA_CLIENT',
          `The Kafka consumer fails again and again without progress: ${reason(error)}.`,
          error,
        );
  }

  #fail(error: SyncError): void {
    this.state.down = error.message;
    this.#options.log.error({ code: error.code, groupId: this.#options.groupId }, error.message);
    // Not awaited: the handler that failed is one of those that closing waits for.
    void this.close();
    this.#options.onFatal(error);
  }
}

/** One assignment of partitions, until the next. */
class CurrentAssignment implements Assignment {
  readonly ready: Promise<boolean>;
  readonly #begin = new AbortController();
  #superseded = false;

  constructor(settle: (signal: AbortSignal) => Promise<boolean>) {
    this.ready = settle(this.#begin.signal);
  }

  readonly isCurrent = () => !this.#superseded;

  /** Work that waits for `ready` does not begin any more; work that has begun may still be confirmed. */
  doNotBegin(): void {
    this.#begin.abort();
  }

  /** The partitions may belong to others now. */
  supersede(): void {
    this.#superseded = true;
    this.#begin.abort();
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

/** Whether the client itself would have started the consumer again. */
function isRetriable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'KafkaJSNumberOfRetriesExceeded') return true;
  let root: Error = error;
  while (root.cause instanceof Error) root = root.cause;
  return (root as { retriable?: boolean }).retriable === true;
}
