import type { SettledDifference, TableReport } from '@tributary/verify';
import type { LeftOut } from '../tables/misfits';

/** What one comparison of all chosen tables found. */
export interface VerificationResult {
  readonly seconds: number;
  readonly reports: readonly TableReport[];
  readonly examples: readonly SettledDifference[];
  /** Differences by what is, or would be, done about them; empty without repair. */
  readonly repairs: Readonly<Record<string, number>>;
  /** Chosen tables that could not be compared, with one target or with all. */
  readonly suspended: readonly LeftOut[];
}

/** Differences that are there when the run ends. */
export const differencesLeft = ({ reports }: Pick<VerificationResult, 'reports'>): number =>
  reports.reduce(
    (sum, { missing, extra, different, stale, index, repaired }) =>
      sum + missing + extra + different + stale + index - repaired,
    0,
  );

/** Candidates of a scan that were too many to be looked at: nothing is known of them. */
export const uncheckedCandidates = ({ reports }: Pick<VerificationResult, 'reports'>): number =>
  reports.reduce((sum, { unchecked = 0 }) => sum + unchecked, 0);
