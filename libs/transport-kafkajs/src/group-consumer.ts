import { backoffMs, errorText, fatal, pause, settledWithin, SyncError, transient } from '@tributary/kernel';
import {
  reason,
  type AssignedPartitions,
  type GroupOptions,
  type GroupReader,
  type Log,
} from '@tributary/transport';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { BatchWorker } from './batch-worker';
import { ConfirmedOffsets } from './confirmed-offsets';
import { LiveState } from './live-state';
import { ConsumerRun } from './consumer-run';
import { CurrentAssignment } from './current-assignment';
import type { Kafka } from './kafka';
import { GroupPositions } from './group-positions';
import { isPassing, kafkaError } from './kafka-error';
import { PlaceCheck } from './place-check';
import { ReaderWork } from './reader-work';
import { PaceBehind, RoundPace } from './round-pace';
import { isFatal, Rounds } from './rounds';

/** A client that is cut off from Kafka needs no longer to be waited for. */
const IDLE_CLOSE_MS = 3000;
/** Crashes in a row, without a batch confirmed in between, that nobody can explain. */
const MAX_CRASHES = 5;
/** How often is looked whether the topics are still those that the positions are on. */
const LOOK_MS = 5000;
/** The same of a reader that stands behind another one: what it reads is not urgent. */
const LOOK_BEHIND_MS = 15_000;
/** Rounds at a time: one waits for its target while the next is read. */
const ROUNDS_AT_ONCE = 2;
/** Much less than what a load is held back for (`PipelineLag`). */
const COMMIT_RECORDS = 5000;
/** How long a rebalance waits for the last commit. */
const FAREWELL_MS = 5000;

/**
 * A member of a consumer group that never gives up by itself: it makes its client consumer anew after a crash, an
 * outage or a stall, until `close`.
 */
export class GroupConsumer implements GroupReader {
  readonly state: LiveState;
  readonly work: ReaderWork;
  readonly #options: GroupOptions & { readonly kafka: Kafka; readonly log: Log };
  readonly #worker: BatchWorker;
  readonly #offsets: ConfirmedOffsets;
  readonly #closing = new AbortController();
  readonly #giveUp = new AbortController();
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #current: ConsumerRun | undefined;
  #assignment: CurrentAssignment | undefined;
  readonly #places: PlaceCheck;
  readonly #positions: GroupPositions;
  #lookTimer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(kafka: Kafka, options: GroupOptions) {
    const { log } = kafka;
    this.#options = { ...options, kafka, log };
    this.state = new LiveState(kafka.brokers);
    this.#places = new PlaceCheck(kafka, options.groupId);
    const { handle, retryDelay, beforeCommit, behind } = options;
    const giveUp = this.#giveUp.signal;
    this.#offsets = new ConfirmedOffsets({
      ...{ everyMs: options.commitEveryMs, everyRecords: COMMIT_RECORDS },
      ...(beforeCommit && { beforeCommit }),
      onTrouble: (error) => this.#uncommitted(error),
      onCommitted: () => (this.state.uncommitted = null),
    });
    const { groupId, onAssigned } = options;
    this.#positions = new GroupPositions({
      ...{ kafka, groupId, log, state: this.state, places: this.#places, offsets: this.#offsets },
      ...(onAssigned && { onAssigned }),
      consumerOf: (partition) => (this.#assignment?.keys.has(partition) ? this.consumer : undefined),
    });
    const pace = behind
      ? new PaceBehind(options.maxRoundRecords, behind.time, behind.work)
      : new RoundPace(options.maxRoundRecords);
    const rounds = new Rounds({
      ...{ handle, giveUp, pace, everyMs: options.roundEveryMs, maxBytes: options.maxBytesPerFetch },
      atOnce: behind ? 1 : ROUNDS_AT_ONCE,
      ...(behind && { behind: behind.work, onHeld: () => this.state.progressed() }),
    });
    this.#worker = new BatchWorker({
      ...{ log, giveUp, retryDelay, rounds, offsets: this.#offsets, state: this.state },
      bounds: () => ({
        ...{ records: pace.records, bytes: behind ? options.maxBytesPerFetch : Infinity },
        wholeBatch: options.keepsBatches ? options.maxRoundRecords : 0,
      }),
      dropsAtEnd: behind !== undefined,
      onLess: () => this.work.changed(),
      onFatal: (error) => this.#fail(error),
    });
    this.work = new ReaderWork({
      active: () => this.#worker.active,
      lag: this.state.lag,
      isPaused: (partition) => this.#worker.isPaused(partition),
    });
  }

  /** The client's consumer of this moment. */
  get consumer(): Consumer | undefined {
    return this.#current?.consumer;
  }

  async start(): Promise<void> {
    const everyMs = this.#options.behind ? LOOK_BEHIND_MS : LOOK_MS;
    this.#lookTimer = setInterval(() => void this.#look(), everyMs);
    await new Promise<void>((resolve) => {
      this.#running = this.#run(resolve);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async rewind(topic: string, partition: number, offset: bigint): Promise<void> {
    if (!this.#assignment?.keys.has(`${topic}/${partition}`)) return;
    this.#options.log.info(
      { event: 'rewind', topic, partition, offset: String(offset) },
      `${topic}/${partition} is read again from offset ${offset} on`,
    );
    await this.#positions.move({ topic, partition, offset, topicId: this.#assignment.topicId(topic) });
  }

  async confirmTopic(topic: string): Promise<void> {
    const assignment = this.#assignment;
    if (assignment?.standing && (await this.#places.isSame(assignment.standing, topic))) return;
    if (assignment?.isReady && assignment === this.#assignment) this.#assigned(assignment.partitions, true);
    throw transient(
      'TOPIC_CHANGED',
      `Topic ${topic} is another one than before; its positions are looked at.`,
    );
  }

  progressed(): void {
    this.state.progressed();
  }

  /** What the group has confirmed may have lost its meaning: topics are deleted, made anew and cut. */
  async #look(): Promise<void> {
    const assignment = this.#assignment;
    if (this.#looking || !assignment?.isReady || !assignment.standing) return;
    this.#looking = true;
    try {
      const over = await this.#places.isOver(assignment.standing, new Map(this.state.next));
      if (over && assignment === this.#assignment && assignment.isReady)
        this.#assigned(assignment.partitions, true);
    } catch (error) {
      // The client meets the same trouble and says so.
      this.#options.log.debug({ reason: reason(error) }, 'the topics could not be looked at');
    } finally {
      this.#looking = false;
    }
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#lookTimer);
    this.#assignment?.doNotBegin();
    const running = this.#running ?? Promise.resolve();
    const drained =
      (await settledWithin(running, Math.min(IDLE_CLOSE_MS, this.#options.drainMs))) ||
      (this.#worker.active > 0 && (await settledWithin(running, this.#options.drainMs - IDLE_CLOSE_MS)));
    // Of the partitions whose handlers are through; the client commits nothing while one is not.
    if (!drained) await settledWithin(this.#offsets.flush(), 1000);
    this.#worker.stop();
    this.#offsets.stop();
    await this.#places.close();
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
      onFetching: () => this.work.fetching(),
      onFetched: () => {
        this.work.fetched();
        if (this.#worker.active === 0 && this.state.waiting.size === 0) this.state.progressed();
      },
      onRebalancing: () => this.state.left(),
      onJoined: (partitions) => {
        this.#assigned(partitions);
        firstJoin();
      },
      eachBatch: (payload) => this.#eachBatch(payload, run),
      onLeaving: async () => void (await settledWithin(this.#offsets.flush(), FAREWELL_MS)),
    });
    this.#current = run;
    const error = await run.untilEnd(this.#closing.signal);
    // While closing, handlers that are at work may still confirm.
    if (error !== null) this.#assignment?.supersede();
    this.state.left();
    await run.leave(this.#closing.signal.aborted);
    this.#current = undefined;
    return error;
  }

  /** Called before the first fetch under a new assignment, and again when topics changed under it (`anew`). */
  #assigned(partitions: AssignedPartitions, anew = false): void {
    this.#assignment?.supersede();
    this.#offsets.forgetAll();
    const assignment = new CurrentAssignment(partitions);
    this.#assignment = assignment;
    this.state.keepOnly(assignment.keys);
    this.#worker.keepOnly(assignment.keys);
    this.state.heard();
    const { kafka } = this.#options;
    assignment.settle(async (signal) => {
      try {
        const standing = await this.#positions.settle(partitions, anew, signal);
        if (standing) this.#joined();
        return standing;
      } catch (error) {
        this.#fail(kafkaError(error, kafka.brokers));
        return undefined;
      }
    });
  }

  #joined(): void {
    if (this.state.down !== null)
      this.#options.log.info({ groupId: this.#options.groupId }, 'Reading works again');
    this.state.down = null;
    this.state.awaits = null;
    this.state.joined = true;
  }

  async #eachBatch(payload: EachBatchPayload, run: ConsumerRun): Promise<void> {
    // A consumer that was given up may still deliver what it had fetched.
    if (run !== this.#current || !this.#assignment) return;
    this.work.brought();
    await this.#worker.work(payload, this.#assignment);
  }

  /** What must be noted before a commit could not be. */
  #uncommitted(error: unknown): void {
    const { log, groupId } = this.#options;
    if (isFatal(error)) return this.#fail(error);
    const text = errorText(error);
    if (this.state.uncommitted === null)
      log.warn(
        { groupId, ...(error instanceof SyncError ? { code: error.code } : { err: error }) },
        `What is done cannot be confirmed: ${text}`,
      );
    this.state.uncommitted = text;
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
