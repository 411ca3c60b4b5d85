import type { SyncError } from '@tributary/kernel';
import type { ConsumerState } from './consumer-state';
import type { BeforeCommit, OnAssigned } from './positions';
import type { HandleRound } from './rounds';
import type { WorkAhead } from './work-ahead';

export interface GroupOptions {
  readonly groupId: string;
  /** Asked when the group is joined: Nest registers handlers after the strategy is made. */
  readonly topics: () => string[];
  readonly handle: HandleRound;
  /** Bytes fetched of one partition at a time; a larger record still comes, alone. */
  readonly maxBytesPerPartition: number;
  /** Bytes of one fetch, all partitions together. */
  readonly maxBytesPerFetch: number;
  /** Most records of a round. */
  readonly maxRoundRecords: number;
  /** Whether batches that have no more records than a round are handed over whole, for who passes them on as they stand. */
  readonly keepsBatches: boolean;
  /** Rounds that are not full begin at least so many ms apart. */
  readonly roundEveryMs: number;
  /** How long the broker waits for a first record before it answers a fetch: bounds how long an idle `close` takes. */
  readonly maxWaitMs: number;
  /**
   * Of a reader that comes first, in this process: no round begins while that has work, one is worked on at a time, and
   * each has about as many records as `time` allows, by how long those before it took: `beside` when that reader has had
   * work lately, else `alone`.
   */
  readonly behind?: {
    readonly work: WorkAhead;
    readonly time: { readonly beside: RoundTime; readonly alone: RoundTime };
  };
  /** What handlers have confirmed is committed at the latest after so many ms. */
  readonly commitEveryMs: number;
  /** Delay before a failed batch comes again; it doubles. */
  readonly retryDelay: { readonly firstMs: number; readonly maxMs: number };
  /** How long `close` waits for running handlers. */
  readonly drainMs: number;
  /** After this long without a heartbeat Kafka gives a member's partitions to others. */
  readonly sessionTimeoutMs: number;
  readonly onAssigned?: OnAssigned;
  readonly beforeCommit?: BeforeCommit;
  /** Called once, after the reason was logged. */
  readonly onFatal: (error: SyncError) => void;
}

/** How long a round may keep others waiting, milliseconds. */
export interface RoundTime {
  /** Processor time of this process, which has one thread: what nobody else in it can work on meanwhile. */
  readonly busyMs: number;
  /** From its beginning to its end: others go on, but at the target they may stand behind it. */
  readonly wholeMs: number;
}

/**
 * A member of a consumer group that never gives up by itself: outages, stalls and rebalances are waited out until `close`.
 * Offsets are committed of what the handler has confirmed, never before (R12).
 */
export abstract class GroupReader {
  /** For health checks and metrics; the same object for the reader's whole life. */
  abstract readonly state: ConsumerState;
  /** For readers that stand behind this one. */
  abstract readonly work: WorkAhead;
  /** Starts to work; resolves when the first attempt to join has succeeded or failed. */
  abstract start(): Promise<void>;
  /**
   * Lets running handlers finish and commits them, at most `drainMs`, then leaves the group. What is not confirmed
   * by then comes again, here or on another member. May be called twice.
   */
  abstract close(): Promise<void>;
  /** Goes back to `offset` and commits that; a batch under way is dropped unconfirmed. No effect on others' partitions. */
  abstract rewind(topic: string, partition: number, offset: bigint): Promise<void>;
  /**
   * For a handler, of what it was given: resolves when that came from the topic that its positions are on. Throws a
   * SyncError `retry` when the topic was made anew meanwhile.
   */
  abstract confirmTopic(topic: string): Promise<void>;
  /** For a handler that works long on one batch: it is alive and gets on. */
  abstract progressed(): void;
}
