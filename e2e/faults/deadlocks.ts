import type { WriterCounts } from './writer';

type Counts = Pick<WriterCounts, 'committed' | 'rolledBack' | 'conflicts' | 'deadlocks'>;

const transactions = ({ committed, rolledBack, conflicts }: Counts) => committed + rolledBack + conflicts;
const rate = (counts: Counts) => counts.deadlocks / Math.max(1, transactions(counts));

/** Faults hold locks for longer, and so a few more transactions meet: this is what they are granted. */
const FACTOR = 2;
const GRANTED = 0.005;

/**
 * Whether capture adds deadlocks to an application (R1): the share of its transactions that end in error 1213 beside that of the
 * same workload without capture. A sentence when there are clearly more, else `null`.
 */
export function addedDeadlocks(captured: Counts, control: Counts): string | null {
  const [share, allowed] = [rate(captured), rate(control) * FACTOR + GRANTED];
  const percent = (value: number) => `${(value * 100).toFixed(2)} %`;
  return share <= allowed
    ? null
    : `deadlocks (1213): ${percent(share)} of ${transactions(captured)} transactions, without capture ${percent(rate(control))} of ${transactions(control)}`;
}
