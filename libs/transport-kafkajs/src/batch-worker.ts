import { SyncError, errorText, backoffMs } from '@tributary/kernel';
import type { EachBatchPayload } from 'kafkajs';
import type { ConfirmedOffsets } from './confirmed-offsets';
import type { LiveState } from './live-state';
import { HeartbeatTimer } from './heartbeat-timer';
import { type InRecord, type Log, type RecordBatch } from '@tributary/transport';
import { sliceEnd, type SliceBounds } from './batch-slices';
import { wholeRecords } from './record-batch/damaged-batch';
import type { StoredRecord } from './record-batch/stored-record';
import { dropped, isFatal, type Rounds } from './rounds';

export interface BatchWorkerOptions {
  readonly log: Log;
  readonly state: LiveState;
  readonly rounds: Rounds;
  readonly offsets: Pick<ConfirmedOffsets, 'note' | 'throwIfRefused'>;
  /** Of what goes into a round at once; asked for each slice. */
  readonly bounds: () => SliceBounds;
  /** Whether batches whose round has not begun are let go when the client stops: they may wait for others long. */
  readonly dropsAtEnd: boolean;
  /** There may be less to do than before. */
  readonly onLess: () => void;
  readonly retryDelay: { readonly firstMs: number; readonly maxMs: number };
  /** Aborts when the process can wait no longer for handlers. */
  readonly giveUp: AbortSignal;
  /** A handler has thrown a fatal error. */
  readonly onFatal: (error: SyncError) => void;
}

/** What a batch must know of the assignment it was fetched under. */
export interface Assignment {
  readonly isCurrent: () => boolean;
  /** Whether work may begin, known when the positions of this assignment are settled (R12). */
  readonly ready: Promise<boolean>;
  /** Whether that is known, and so. */
  readonly isReady: boolean;
  /** Of the topic that the positions are on; `null` where the broker tells none. */
  topicId(topic: string): string | null;
}

/** Brings fetched batches into rounds, slice by slice, and notes for the next commit what was confirmed (R12). */
export class BatchWorker {
  readonly #options: BatchWorkerOptions;
  readonly #retries = new Map<
    string,
    { attempts: number; until: number; timer?: NodeJS.Timeout; resume?: () => void }
  >();

  constructor(options: BatchWorkerOptions) {
    this.#options = options;
  }

  /** Batches between fetch and confirmation. */
  active = 0;
  /** One for all batches of an assignment that are on their way. */
  readonly #beats = new Map<Assignment, { readonly beat: HeartbeatTimer; works: number }>();

  /**
   * Works on one fetched batch. Throws only what the client must see: a failed heartbeat or commit, which tell it
   * to join again. What the handler throws stays here, because the client would stop all partitions for it.
   */
  async work(payload: EachBatchPayload, assignment: Assignment): Promise<void> {
    const { topic, partition } = payload.batch;
    const key = `${topic}/${partition}`;
    const beat = this.#beat(payload, assignment);
    const { state } = this.#options;
    this.active += 1;
    try {
      this.#options.offsets.throwIfRefused();
      // The client's type knows message sets of Kafka before 0.11 too, which had no headers.
      const { whole, damaged } = wholeRecords(payload.batch.messages as unknown as StoredRecord[]);
      state.changes.fetched(key, whole, damaged !== undefined || !reachesEnd(payload));
      // Fetched before it was known which topic stands there: it is fetched again.
      if (!assignment.isReady) return void (await Promise.race([assignment.ready, beat.failed]));
      const wait = (this.#retries.get(key)?.until ?? 0) - performance.now();
      // After a new start the client has forgotten which partitions were paused.
      if (wait > 0) return this.#pause(payload, key, wait);
      for (const slice of this.#slices(payload, whole)) {
        if (!isOurs(payload, assignment) || !payload.isRunning()) return;
        const confirmed = await this.#handled(payload, slice, assignment, beat.signal);
        beat.throwIfFailed();
        if (!confirmed) return;
      }
      // What stands behind a batch that cannot be read waits with it (R11).
      if (damaged) this.#retryLater(payload, { topic, partition, records: [damaged.place] }, damaged.error);
    } catch (error) {
      throw notFatalToTheClient(error);
    } finally {
      if (assignment.isCurrent()) state.changes.released(key);
      this.active -= 1;
      this.#endBeat(assignment);
      this.#options.onLess();
    }
  }

  /**
   * Ends the pauses of partitions that others have now. The client keeps a pause across rebalances: a partition that
   * came back would never be read again.
   */
  keepOnly(partitions: ReadonlySet<string>): void {
    for (const key of this.#retries.keys()) if (!partitions.has(key)) this.#endRetry(key);
  }

  /** Whether a batch of it has failed, and comes again at a time that has not come yet. */
  isPaused(partition: string): boolean {
    return (this.#retries.get(partition)?.until ?? 0) > performance.now();
  }

  stop(): void {
    for (const { timer } of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
  }

  #beat({ heartbeat }: EachBatchPayload, assignment: Assignment): HeartbeatTimer {
    let shared = this.#beats.get(assignment);
    if (!shared) {
      shared = { beat: new HeartbeatTimer(heartbeat, this.#options.giveUp), works: 0 };
      this.#beats.set(assignment, shared);
    }
    shared.works += 1;
    return shared.beat;
  }

  #endBeat(assignment: Assignment): void {
    const shared = this.#beats.get(assignment)!;
    shared.works -= 1;
    if (shared.works > 0) return;
    shared.beat.stop();
    this.#beats.delete(assignment);
  }

  #endRetry(key: string): void {
    const { timer, resume } = this.#retries.get(key) ?? {};
    clearTimeout(timer);
    this.#retries.delete(key);
    resume?.();
  }

  /** Bounded pieces, so that the memory of a handler does not grow with the fetch. */
  *#slices({ batch }: EachBatchPayload, all: readonly StoredRecord[]): Generator<Slice> {
    const { topic, partition, highWatermark } = batch;
    this.#options.state.lag.set(
      `${topic}/${partition}`,
      BigInt(highWatermark) - BigInt(batch.firstOffset() ?? highWatermark),
    );
    for (let at = 0, end: number; at < all.length; at = end) {
      end = sliceEnd(all, at, this.#options.bounds());
      const records = all.slice(at, end);
      // The batch's last offset may lie past its last record (control records).
      const isLast = end >= all.length && all.length === batch.messages.length;
      const last = isLast ? batch.lastOffset() : records.at(-1)!.offset;
      yield { batch: { topic, partition, records, highWatermark }, next: BigInt(last) + 1n };
    }
  }

  /** Whether the handler confirmed the slice; if not, the partition is paused and the slice comes again. */
  async #handled(
    payload: EachBatchPayload,
    { batch, next }: Slice,
    assignment: Assignment,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { topic, partition, highWatermark, records } = batch;
    const key = `${topic}/${partition}`;
    const outcome = await this.#options.rounds.offer({
      ...{ batch, signal, alone: this.#retries.has(key) },
      isOurs: () =>
        isOurs(payload, assignment) && !signal.aborted && (!this.#options.dropsAtEnd || payload.isRunning()),
    });
    if (outcome.status === 'rejected' && isFatal(outcome.reason)) {
      payload.pause();
      this.#options.onFatal(outcome.reason);
      return false;
    }
    if (outcome === dropped || !isOurs(payload, assignment)) return false;
    if (outcome.status === 'rejected') {
      if (!signal.aborted) this.#retryLater(payload, batch, outcome.reason);
      return false;
    }
    // The client goes on from here; Kafka hears of it with the next commit.
    payload.resolveOffset(String(next - 1n));
    this.#options.offsets.note(
      { topic, partition, next, topicId: assignment.topicId(topic), records: records.length },
      payload.commitOffsetsIfNecessary,
    );
    this.#options.state.changes.confirmed(key, records.length);
    this.#confirmed(key, next, BigInt(highWatermark) - next);
    return true;
  }

  #retryLater(payload: EachBatchPayload, { topic, partition, records }: Waiting, error: unknown): void {
    const { log, state, retryDelay } = this.#options;
    const key = `${topic}/${partition}`;
    const attempts = (this.#retries.get(key)?.attempts ?? 0) + 1;
    const wait = backoffMs(attempts, retryDelay.firstMs, retryDelay.maxMs);
    this.#retries.set(key, { attempts, until: performance.now() + wait });
    const fields = {
      topic,
      partition,
      offset: records[0]!.offset,
      records: records.length,
      attempts,
      retryInMs: wait,
    };
    if (error instanceof SyncError) {
      state.waiting.set(key, error.message);
      log.warn({ ...fields, code: error.code }, `A batch waits: ${error.message}`);
    } else {
      // Nobody expected it, so it is a fault of the program: keep the stack, keep the data.
      state.waiting.set(key, `An unexpected error holds up ${key}: ${errorText(error)}`);
      log.error(
        { ...fields, err: error },
        'A batch handler failed unexpectedly; the batch will be tried again',
      );
    }
    this.#pause(payload, key, wait);
  }

  #pause(payload: EachBatchPayload, key: string, ms: number): void {
    const resume = payload.pause();
    const retry = this.#retries.get(key);
    if (!retry) return;
    clearTimeout(retry.timer);
    retry.resume = resume;
    retry.timer = setTimeout(resume, ms);
  }

  #confirmed(key: string, next: bigint, lag: bigint): void {
    const { state } = this.#options;
    state.next.set(key, next);
    state.lag.set(key, lag > 0n ? lag : 0n);
    state.waiting.delete(key);
    state.progressed();
    this.#endRetry(key);
  }
}

/** A batch that comes again, by its place. */
interface Waiting extends Pick<RecordBatch, 'topic' | 'partition'> {
  readonly records: readonly Pick<InRecord, 'offset'>[];
}

/** Records that go into a round, and the offset behind them. */
interface Slice {
  readonly batch: RecordBatch;
  readonly next: bigint;
}

const reachesEnd = ({ batch }: EachBatchPayload) =>
  BigInt(batch.lastOffset()) + 1n >= BigInt(batch.highWatermark);

/** False after a rebalance, and after a seek, which makes what was fetched before it stale. */
const isOurs = (payload: EachBatchPayload, assignment: Assignment) =>
  assignment.isCurrent() && !payload.isStale();

const deadly = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** The client stops for good on errors of these names, wherever they come from. */
function notFatalToTheClient(error: unknown): unknown {
  return error instanceof Error && deadly.has(error.name)
    ? new Error(errorText(error), { cause: error })
    : error;
}
