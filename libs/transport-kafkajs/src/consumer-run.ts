import { settledWithin } from '@tributary/kernel';
import { type AssignedPartitions, type GroupOptions } from '@tributary/transport';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { withFarewell } from './patches/unannounced-leaving';
import type { Kafka } from './kafka';
import { ownPartitions } from './own-partitions';

/** A client that has not even tried anything for this long has got stuck and is made anew. */
const STUCK_MS = 75_000;
/**
 * About 35 s. A shorter outage is best sat out with the same membership: a new member has to wait until the old
 * one's session is over.
 */
const OUTAGE_RETRIES = 20;
/** Of one fetch that are on their way at a time; the client does a little for each with every fetch. */
const MOST_BATCHES = 100;

export interface ConsumerRunOptions extends Pick<
  GroupOptions,
  'groupId' | 'topics' | 'maxBytesPerPartition' | 'maxBytesPerFetch' | 'maxWaitMs' | 'sessionTimeoutMs'
> {
  readonly kafka: Kafka;
}

export interface ConsumerRunEvents {
  /** Kafka has answered. */
  readonly onHeard: () => void;
  /** Kafka has taken a heartbeat, which it does from members under the present generation only. */
  readonly onMember: () => void;
  readonly onFetching: () => void;
  readonly onFetched: () => void;
  readonly onRebalancing: () => void;
  /** Before the first fetch under a new assignment. */
  readonly onJoined: (partitions: AssignedPartitions) => void;
  readonly eachBatch: (payload: EachBatchPayload) => Promise<void>;
  /** All batches are through, and the partitions are about to be given up: the client waits. */
  readonly onLeaving: () => Promise<void>;
}

/** The life of one client consumer, from connecting to the crash, stall or stop that ends it. */
export class ConsumerRun {
  readonly consumer: Consumer;
  readonly #options: ConsumerRunOptions;
  readonly #events: ConsumerRunEvents;
  readonly #crashed: Promise<unknown>;
  readonly #started: Promise<void>;
  #movedAt = performance.now();

  constructor(options: ConsumerRunOptions, events: ConsumerRunEvents) {
    this.#options = options;
    this.#events = events;
    this.consumer = this.#create();
    this.#crashed = this.#observe();
    this.#started = this.#start();
  }

  /** Resolves with the error that ended the consumer, or with null when the signal aborts first. */
  async untilEnd(closing: AbortSignal): Promise<unknown> {
    this.#events.onHeard();
    const failed = this.#started.then(
      () => new Promise<never>(() => undefined),
      (error: unknown) => error,
    );
    let watchdog: NodeJS.Timeout | undefined;
    const stuck = new Promise<unknown>((resolve) => {
      watchdog = setInterval(() => {
        const still = performance.now() - this.#movedAt;
        if (still > STUCK_MS)
          resolve(new Error(`the consumer has not moved for ${Math.round(still / 1000)} s`));
      }, 5000);
    });
    const end = await Promise.race([this.#crashed, failed, stuck, aborted(closing)]);
    clearInterval(watchdog);
    return end;
  }

  /**
   * Disconnects, also when the consumer is just about to join: it would go on as a member nobody knows of. With
   * `patiently` waits for handlers as long as they take; without, at most 10 s, so that a stuck consumer does not
   * hold up its successor.
   */
  async leave(patiently: boolean): Promise<void> {
    const left = (async () => {
      await this.consumer.disconnect();
      await this.#started;
      await this.consumer.disconnect();
    })();
    if (patiently) await left.catch(() => undefined);
    else await settledWithin(left, 10_000);
  }

  #create(): Consumer {
    const { kafka, groupId, sessionTimeoutMs, maxBytesPerPartition, maxBytesPerFetch, maxWaitMs } =
      this.#options;
    return kafka.clientThatRetries(OUTAGE_RETRIES).consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 60_000,
      heartbeatInterval: 3000,
      // The broker answers as soon as there is one byte; the wait only bounds how long an idle stop takes.
      minBytes: 1,
      maxWaitTimeInMs: maxWaitMs,
      maxBytesPerPartition,
      maxBytes: maxBytesPerFetch,
      allowAutoTopicCreation: false,
      partitionAssigners: [withFarewell(ownPartitions(kafka.partitions), this.#events.onLeaving)],
      retry: {
        // The client never sets this count back, so it must be high.
        retries: 100_000,
        initialRetryTime: 200,
        maxRetryTime: 2000,
        // After a crash a new consumer is made: the client's own restart gives up on some errors.
        restartOnFailure: async () => false,
      },
    });
  }

  async #start(): Promise<void> {
    const { topics, kafka } = this.#options;
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: topics(), fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      // All batches of a fetch are offered at once, so that they can be one round.
      partitionsConsumedConcurrently: Math.min(kafka.partitions, MOST_BATCHES),
      eachBatch: this.#events.eachBatch,
    });
  }

  /** Follows the client's events; the promise resolves with the error of a crash. */
  #observe(): Promise<unknown> {
    const { consumer } = this;
    const { events } = consumer;
    const { onHeard, onMember, onFetching, onFetched, onRebalancing, onJoined } = this.#events;
    const heard = () => {
      this.#movedAt = performance.now();
      onHeard();
    };
    consumer.on(events.HEARTBEAT, () => {
      heard();
      onMember();
    });
    consumer.on(events.COMMIT_OFFSETS, heard);
    consumer.on(events.START_BATCH_PROCESS, heard);
    consumer.on(events.FETCH_START, () => {
      this.#movedAt = performance.now();
      onFetching();
    });
    consumer.on(events.FETCH, onFetched);
    consumer.on(events.REBALANCING, onRebalancing);
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      heard();
      onJoined(new Map(Object.entries(payload.memberAssignment)));
    });
    return new Promise((resolve) => consumer.on(events.CRASH, ({ payload }) => resolve(payload.error)));
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}
