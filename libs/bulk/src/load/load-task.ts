import { z } from 'zod';

const digits = z.string().regex(/^\d{1,20}$/);

/** One range of a load, as a worker is told of it; what is in the range stands in the capture schema. */
export const loadTask = z.strictObject({
  /** Number of the snapshot job. */
  job: digits,
  /** Number of the range. */
  no: z.int().min(0),
  /** `database.table`. */
  table: z.string(),
  /** Of the table's schema, by which it is read. */
  fingerprint: z.string(),
  where: z.string().nullable(),
  /** `kafka`: through the topic of loads; `direct`: into the targets, and what they refuse through the topic. */
  via: z.enum(['kafka', 'direct']),
  /** Rows a second that all workers together may load; `null`: as fast as it goes. */
  rate: z.number().positive().nullable(),
  /** Hash of the sync file, which the worker's must have too. */
  config: z.string(),
  epoch: z.int().positive(),
  /** Log id of the marker that the job began with: of a job that began anew it is another. */
  marker: digits,
  /** Log id with which all rows of the job are versioned. */
  floor: digits,
});
export type LoadTask = z.infer<typeof loadTask>;
/** The way of rows to the targets. */
export type LoadWay = LoadTask['via'];

/** What became of a range. */
export const loadResult = z.strictObject({
  job: digits,
  no: z.int(),
  /**
   * `done`: Kafka holds its rows and the job's table says so; `before`: an earlier try had done it; `changed`: the table
   * or the epoch is another than the job's, which begins anew; `stopped`: the job is paused, cancelled or another by now.
   */
  outcome: z.enum(['done', 'before', 'changed', 'stopped']),
  rows: z.number(),
  /** Of the records' values. */
  bytes: z.number(),
  seconds: z.number(),
});
export type LoadResult = z.infer<typeof loadResult>;
