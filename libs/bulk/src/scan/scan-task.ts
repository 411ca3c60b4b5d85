import { z } from 'zod';
import type { BucketSum } from './bucket-sums';

const common = {
  /** Place of the table in the statement, which its results repeat. */
  at: z.int().nonnegative(),
  table: z.string(),
  /** Of its columns as the command has planned them. */
  fingerprint: z.string(),
  /** Hash of the sync file that the command has read. */
  config: z.string(),
  /** With it, the entries of these buckets are told one by one; without, the sums of all buckets. */
  buckets: z.string().optional(),
};

const bound = z.array(z.string().nullable()).readonly().nullable();

/** Rows of the source with `lower < key <= upper`, as each of the targets must have them. */
export const sourceTask = z.object({
  ...common,
  targets: z.array(z.string()).readonly(),
  lower: bound,
  upper: bound,
});
export type SourceTask = z.infer<typeof sourceTask>;

/** A part of what the target holds, as its `ScanRules` divide it. */
export const targetTask = z.object({ ...common, part: z.string() });
export type TargetTask = z.infer<typeof targetTask>;

export type ScanTask = SourceTask | TargetTask;

/** Which side a result tells of, and of which list of which target. */
interface Told {
  readonly at: number;
  readonly side: 'source' | 'target';
  readonly target: string;
  readonly list: number;
}

/** Digest of the name, digest of name and content, and by what it is found again: the JSON of a row's key, or the target's reference. */
export type ToldEntry = readonly [name: string, digest: string, ref: string];

/** One line of a worker. */
export type ScanResult = Told &
  ({ readonly sums: readonly BucketSum[] } | { readonly entries: readonly ToldEntry[] });

/** The type of a line in Spark's SQL. */
export const scanResultType =
  'at INT, side STRING, target STRING, list INT, sums ARRAY<ARRAY<BIGINT>>, entries ARRAY<ARRAY<STRING>>';
