import { fatal, type SyncError } from '@tributary/change-event';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { BatchWorker, type HandleBatch } from './batch-worker';
import { LiveState } from './consumer-state';
import { ConsumerRun, type ConsumerRunOptions } from './consumer-run';
import { CurrentAssignment } from './current-assignment';
import { feedBack, type AssignedPartitions, type OnAssigned } from './feed-back';
import { isPassing, kafkaError, reason } from './kafka-error';
import type { Log } from './log';
import { backoffMs, pause, settledWithin } from './pause';

/** A client that is cut off from Kafka needs no longer to be waited for. */
const IDLE_CLOSE_MS = 3000;
/** Crashes in a row, without a batch confirmed in between, that nobody can explain. */
const MAX_CRASHES = 5;

export interface GroupConsumerOptions extends ConsumerRunOptions {
  readonly log: Log;
  readonly handle: HandleBatch;
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
  #current: ConsumerRun | undefined;
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
    return this.#current?.consumer;
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

  /** Goes back to `offset` and commits that; a batch under way is dropped unconfirmed. No effect on others' partitions. */
  async rewind(topic: string, partition: number, offset: bigint): Promise<void> {
    const consumer = this.consumer;
    if (!consumer || !this.#assignment?.keys.has(`${topic}/${partition}`)) return;
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
    const running = this.#running ?? Promise.resolve();
    const drained =
      (await settledWithin(running, Math.min(IDLE_CLOSE_MS, this.#options.drainMs))) ||
      (this.#worker.active > 0 && (await settledWithin(running, this.#options.drainMs - IDLE_CLOSE_MS)));
    this.#worker.stop();
    if (drained) return;
    this.#giveUp.abort();
    if (this.#worker.active > 0)
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
  async #serve(firstJoin: () => void): Promise<unknown> {
    const run: ConsumerRun = new ConsumerRun(this.#options, {
      onHeard: () => this.state.heard(),
      onMember: () => {
        // A client that was told to join again and met a coordinator that still loads its groups goes on as before,
        // and never joins, when the new coordinator still knows it.
        if (this.#assignment?.isReady && !this.state.joined) this.#joined();
      },
      onFetched: () => {
        if (this.#worker.active === 0 && this.state.waiting.size === 0) this.state.progressed();
      },
      onRebalancing: () => (this.state.joined = false),
      onJoined: (partitions) => {
        this.#assigned(partitions);
        firstJoin();
      },
      eachBatch: (payload) => this.#eachBatch(payload, run),
    });
    this.#current = run;
    const error = await run.untilEnd(this.#closing.signal);
    // While closing, handlers that are at work may still confirm.
    if (error !== null) this.#assignment?.supersede();
    this.state.joined = false;
    await run.leave(this.#closing.signal.aborted);
    this.#current = undefined;
    return error;
  }

  /** Called before the first fetch under a new assignment. */
  #assigned(partitions: AssignedPartitions): void {
    this.#assignment?.supersede();
    const assignment = new CurrentAssignment(partitions);
    this.#assignment = assignment;
    this.state.keepOnly(assignment.keys);
    this.#worker.keepOnly(assignment.keys);
    this.state.heard();
    assignment.settle(async (signal) => {
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

  async #eachBatch(payload: EachBatchPayload, run: ConsumerRun): Promise<void> {
    // A consumer that was given up may still deliver what it had fetched.
    if (run !== this.#current || !this.#assignment) return;
    await this.#worker.work(payload, this.#assignment);
  }

  /** Unknown crashes are the client's own faults: a new consumer helps, but not for ever. */
  #explained(error: unknown, failed: number): SyncError {
    const problem = kafkaError(error, this.#options.kafka.brokers);
    const known = problem.code !== 'UNREACHABLE' || isPassing(error);
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
