import type { TargetName } from '@tributary/sync-config';
import type { SettledDifference } from '@tributary/verify';
import type { SparkOptions } from './spark/scan-waves';

/** How much of each table is looked at: so many rows, or a part from 0 to 1. */
export type SampleSize = { readonly rows: number } | { readonly part: number };

/** What a verification compares, how, and whom it tells. */
export interface VerificationInput {
  /** A name, or a pattern with `*`; nothing means all. */
  readonly table?: string | undefined;
  readonly target?: TargetName | undefined;
  readonly sample?: SampleSize | undefined;
  /** Spark scans the tables, and only candidates are compared here; not with `sample` or `rate`. */
  readonly spark?: SparkOptions | undefined;
  /** Rows compared a second at most. */
  readonly rate?: number | undefined;
  /** Tables compared side by side. */
  readonly parallel: number;
  /** `plan`: say what a repair would do, and change nothing. */
  readonly repair?: 'plan' | 'do' | undefined;
  /** Rows repaired a second at most. */
  readonly repairRate: number;
  /** How long the pipeline may stand still before a difference counts, milliseconds. */
  readonly patienceMs: number;
  /** Differences kept of each table and target. */
  readonly examples: number;
  /** Who asks for it, for the record. */
  readonly by: string;
  /** Nothing is compared, or repaired, that cannot be recorded. */
  readonly mustRecord?: boolean | undefined;
  /** Told the id of the record, where the run is recorded. */
  readonly onStart?: ((id: string) => void) | undefined;
  readonly onDifference?: ((difference: SettledDifference) => void) | undefined;
  /** `total`: the server's estimate. */
  readonly onRows?: (table: string, done: number, total: number) => void;
  readonly onTableEnd?: (table: string) => void;
  /** Of one comparison of all tables, however it ended. */
  readonly onEnd?: () => void;
}
