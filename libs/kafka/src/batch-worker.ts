import { freeLarge, SyncError, errorText } from '@tributary/change-event';
import type { EachBatchPayload } from 'kafkajs';
import type { LiveState } from './consumer-state';
import { HeartbeatTimer } from './heartbeat-timer';
import type { Log } from './log';
import { backoffMs } from './pause';
import { wholeRecords } from './record-batch/damaged-batch';
import type { StoredRecord } from './record-batch/stored-record';
import type { InRecord, RecordBatch } from './records';

export type HandleBatch = (batch: RecordBatch, signal: AbortSignal) => Promise<void>;

export interface BatchWorkerOptions {
  readonly log: Log;
  readonly state: LiveState;
  readonly handle: HandleBatch;
  readonly maxBatchRecords: number;
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

/** Takes fetched batches through the handler and commits what it confirmed, slice by slice (R12). */
export class BatchWorker {
  readonly #options: BatchWorkerOptions;
  readonly #retries = new Map<
    string,
    { attempts: number; until: number; timer?: NodeJS.Timeout; resume?: () => void }
  >();

  constructor(options: BatchWorkerOptions) {
    this.#options = options;
  }

  /** Batches between fetch and commit. */
  active = 0;

  /**
   * Works on one fetched batch. Throws only what the client must see: a failed heartbeat or commit, which tell it
   * to join again. What the handler throws stays here, because the client would stop all partitions for it.
   */
  async work(payload: EachBatchPayload, assignment: Assignment): Promise<void> {
    const { topic, partition } = payload.batch;
    const key = `${topic}/${partition}`;
    const beat = new HeartbeatTimer(payload, this.#options.giveUp);
    this.active += 1;
    try {
      if (!assignment.isReady) {
        await Promise.race([assignment.ready, beat.failed]);
        // Fetched before it was known which topic stands there: it is fetched again.
        return;
      }
      const wait = (this.#retries.get(key)?.until ?? 0) - performance.now();
      // After a new start the client has forgotten which partitions were paused.
      if (wait > 0) return this.#pause(payload, key, wait);
      // The client's type knows message sets of Kafka before 0.11 too, which had no headers.
      const { whole, damaged } = wholeRecords(payload.batch.messages as unknown as StoredRecord[]);
      for (const slice of this.#slices(payload, whole)) {
        if (!isOurs(payload, assignment) || !payload.isRunning()) return;
        if (!(await this.#handled(payload, slice.batch, beat.signal))) return;
        beat.throwIfFailed();
        if (!isOurs(payload, assignment)) return;
        await commit(payload, slice.next, assignment.topicId(topic));
        this.#confirmed(key, slice.next, BigInt(slice.batch.highWatermark) - slice.next);
      }
      // What stands behind a batch that cannot be read waits with it (R11).
      if (damaged) this.#retryLater(payload, { topic, partition, records: [damaged.place] }, damaged.error);
    } catch (error) {
      throw notFatalToTheClient(error);
    } finally {
      this.active -= 1;
      beat.stop();
    }
  }

  /**
   * Ends the pauses of partitions that others have now. The client keeps a pause across rebalances: a partition that
   * came back would never be read again.
   */
  keepOnly(partitions: ReadonlySet<string>): void {
    for (const key of this.#retries.keys()) if (!partitions.has(key)) this.#endRetry(key);
  }

  stop(): void {
    for (const { timer } of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
  }

  #endRetry(key: string): void {
    const { timer, resume } = this.#retries.get(key) ?? {};
    clearTimeout(timer);
    this.#retries.delete(key);
    resume?.();
  }

  /** Bounded pieces, so that neither memory of a handler nor time between commits grows with the fetch. */
  *#slices(
    { batch }: EachBatchPayload,
    all: readonly InRecord[],
  ): Generator<{ batch: RecordBatch; next: bigint }> {
    const { topic, partition, highWatermark } = batch;
    const size = this.#options.maxBatchRecords;
    this.#options.state.lag.set(
      `${topic}/${partition}`,
      BigInt(highWatermark) - BigInt(batch.firstOffset() ?? highWatermark),
    );
    for (let at = 0; at < all.length; at += size) {
      const records = all.slice(at, at + size);
      // The batch's last offset may lie past its last record (control records).
      const isLast = at + size >= all.length && all.length === batch.messages.length;
      const last = isLast ? batch.lastOffset() : records.at(-1)!.offset;
      yield { batch: { topic, partition, records, highWatermark }, next: BigInt(last) + 1n };
    }
  }

  /** Whether the handler confirmed the slice; if not, the partition is paused and the slice comes again. */
  async #handled(payload: EachBatchPayload, batch: RecordBatch, signal: AbortSignal): Promise<boolean> {
    const bytes = batch.records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    // What the client received the records in, and copied them from.
    freeLarge(bytes);
    try {
      await this.#options.handle(batch, signal);
      return true;
    } catch (error) {
      if (error instanceof SyncError && error.kind === 'fatal') {
        payload.pause();
        this.#options.onFatal(error);
      } else this.#retryLater(payload, batch, error);
      return false;
    }
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

/** False after a rebalance, and after a seek, which makes what was fetched before it stale. */
const isOurs = (payload: EachBatchPayload, assignment: Assignment) =>
  assignment.isCurrent() && !payload.isStale();

/** Commits before it resolves: if the commit fails, the slice is fetched, handled and committed again. */
async function commit(payload: EachBatchPayload, next: bigint, topicId: string | null): Promise<void> {
  const { topic, partition } = payload.batch;
  // The client's type knows no metadata, the client hands it on.
  const place = { partition, offset: String(next), metadata: topicId };
  await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [place] }] });
  payload.resolveOffset(String(next - 1n));
}

const deadly = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** The client stops for good on errors of these names, wherever they come from. */
function notFatalToTheClient(error: unknown): unknown {
  return error instanceof Error && deadly.has(error.name)
    ? new Error(errorText(error), { cause: error })
    : error;
}
