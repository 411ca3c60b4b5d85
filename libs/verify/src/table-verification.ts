import { type RateLimiter } from '@tributary/kernel';
import type { Connection } from '@tributary/capture';
import type { DeadLetterStore } from '@tributary/dead-letters';
import type { SourceTable } from '@tributary/snapshot';
import type { TargetName } from '@tributary/sync-config';
import type { TargetView } from '@tributary/targets';
import type { Difference } from './difference';
import type { PipelineDrain } from './pipeline-drain';
import type { RepairOutcome } from './repair';

/** What was found of one table in one target. */
export interface TableReport {
  readonly table: string;
  readonly target: TargetName;
  /** Rows of the source that were compared. */
  rows: number;
  equal: number;
  missing: number;
  extra: number;
  different: number;
  stale: number;
  index: number;
  /** Rows that the source changed at every look, so that nothing can be said of them; counted as equal. */
  unsettled: number;
  /** With repair: differences that are gone now, and those that are still there. */
  repaired: number;
  notRepaired: number;
  seconds: number;
  /** After a scan: candidates beyond those that were looked at exactly, of which nothing is known; none counts as equal. */
  unchecked?: number;
  /** Its place is shared with other pipelines: extra rows were not looked for. */
  shared?: boolean;
}

/** A difference with what became of its repair, when one was asked for. */
export interface SettledDifference extends Difference {
  readonly repair?: RepairOutcome;
}

/** One comparison of a table with its targets: what it compares, how, and whom it tells. */
export interface TableVerification {
  readonly source: SourceTable;
  readonly views: readonly TargetView[];
  readonly drain: Pick<PipelineDrain, 'wait'>;
  /** Makes a connection for look-ups beside the scan, which is closed at the end. */
  connect(): Promise<Connection>;
  readonly deadLetters?: Pick<DeadLetterStore, 'newestByRow'>;
  /** Compares a part of the rows only, taken by chance: how many of the table's, from 0 to 1. */
  readonly sample?: { readonly part: number; readonly entries: number };
  /** Rows a second at most. */
  readonly pace?: RateLimiter;
  /** Ends the comparison after the chunk at hand; the report then holds what was done. */
  readonly signal?: AbortSignal;
  onRows?(rows: number): void;
  onDifference?(difference: SettledDifference): void;
  /** Mends confirmed differences; gives what became of each. */
  repair?(differences: readonly Difference[], view: TargetView): Promise<RepairOutcome[]>;
}
