import type { Latency } from './steps/latency';
import type { LiveResult } from './steps/live';
import type { TableCounts } from '@tributary/gh-archive';
import type { TargetName } from './steps/targets';
import type { Verdict } from './steps/verify';

/** What a run found, for the summary. */
export interface DemoResult {
  readonly loaded: TableCounts;
  /** Seconds that filling the source took. */
  readonly sourceSeconds: number;
  /** Seconds from the services' readiness until each target held all rows. */
  readonly loadSeconds: Readonly<Record<TargetName, number>>;
  readonly live: LiveResult;
  readonly lone: Readonly<Record<TargetName, Latency>>;
  readonly verdict: Verdict;
  readonly deadLetters: number;
  /** Whether services were killed during the live changes. */
  readonly killed: boolean;
  /** Of the whole run. */
  readonly seconds: number;
}
