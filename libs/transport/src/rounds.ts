import type { RecordBatch } from './records';

/** Batches of one topic, of each partition one at most, in any order of the partitions. */
export type Round = readonly RecordBatch[];

/** What became of a batch: confirmed, or why not. */
export type Outcome = PromiseSettledResult<unknown>;

/** See `RoundHandler`. */
export type HandleRound = (round: Round, signal: AbortSignal) => Promise<readonly Outcome[] | void>;
