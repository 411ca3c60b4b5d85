import type { SnapshotProgress } from '@tributary/operations';
import { count, duration, percent } from '../output/format';
import type { Output } from '../output/output';

/** All snapshots as a table, and what each waits for. */
export function showSnapshots(out: Output, jobs: readonly SnapshotProgress[]): void {
  out.table<SnapshotProgress>(
    [
      { head: 'load', value: ({ id }) => id, right: true },
      { head: 'table', value: ({ table }) => table },
      { head: 'state', value: ({ state }) => state },
      { head: 'rows', value: ({ rowsDone }) => count(rowsDone), right: true },
      {
        head: 'of',
        value: ({ rowsTotal, totalIsExact }) => `${totalIsExact ? '' : '~'}${count(rowsTotal)}`,
        right: true,
      },
      {
        head: 'done',
        value: ({ state, rowsDone, rowsTotal }) => percent(rowsDone, rowsTotal, state === 'done'),
        right: true,
      },
      {
        head: 'rows/s',
        value: ({ rowsPerSecond }) => count(rowsPerSecond),
        right: true,
      },
      { head: 'left', value: ({ secondsLeft }) => duration(secondsLeft), right: true },
      { head: 'time', value: (job) => duration(seconds(job)), right: true },
      { head: 'priority', value: ({ priority }) => priority, right: true },
      { head: 'engine', value: ({ engine }) => engine },
      { head: 'where', value: ({ where }) => where ?? '-' },
      { head: 'error', value: ({ error }) => error ?? '-' },
    ],
    jobs,
  );
  for (const { id, table, waitsFor, waitsSince } of jobs)
    if (waitsFor) out.line(`load ${id} of ${table} waits since ${waitsSince} for ${waitsFor}`);
}

function seconds({ startedAt, finishedAt }: SnapshotProgress): number | null {
  if (!startedAt) return null;
  const end = finishedAt ? Date.parse(finishedAt) : Date.now();
  return (end - Date.parse(startedAt)) / 1000;
}
