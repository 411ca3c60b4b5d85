import { Progress } from '@mantine/core';
import type { Snapshot } from '@tributary/console-api';
import { Badge } from '../../parts/Badge';
import type { Column } from '../../parts/data-table/columns';
import { DataTable } from '../../parts/data-table/DataTable';
import { count, duration, percent, perSecond } from '../../parts/format';
import { Time } from '../../parts/Time';
import { toneOfJob } from '../../parts/tone';
import { SnapshotButtons } from './SnapshotButtons';

const columns: readonly Column<Snapshot>[] = [
  { header: 'job', number: true, value: ({ id }) => Number(id), cell: ({ id }) => id },
  {
    header: 'table',
    value: ({ table, where }) => `${table} ${where ?? ''}`,
    cell: ({ table, where }) => (
      <>
        {table} {where && <code>where {where}</code>}
      </>
    ),
  },
  {
    header: 'state',
    value: ({ state }) => state,
    cell: ({ state, error, waitsFor }) => (
      <>
        <Badge state={state} tone={toneOfJob(state)} /> {error ?? (waitsFor && `waits for ${waitsFor}`)}
      </>
    ),
  },
  {
    header: 'progress',
    number: true,
    value: (job) => percentOf(job),
    cell: (job) => (
      <>
        <Progress value={percentOf(job)} aria-label={`Progress of snapshot ${job.id}`} />
        {count(job.rowsDone)} of {job.totalIsExact ? '' : 'about '}
        {count(job.rowsTotal)}
      </>
    ),
  },
  {
    header: 'rate',
    number: true,
    value: ({ rowsPerSecond }) => rowsPerSecond,
    cell: ({ rowsPerSecond }) => perSecond(rowsPerSecond),
  },
  {
    header: 'left',
    number: true,
    value: ({ secondsLeft }) => secondsLeft,
    cell: ({ secondsLeft }) => duration(secondsLeft),
  },
  {
    header: 'ended',
    value: ({ finishedAt }) => finishedAt,
    cell: ({ finishedAt }) => <Time at={finishedAt} />,
  },
  { header: 'change', value: () => null, cell: (job) => <SnapshotButtons job={job} /> },
];

const percentOf = ({ rowsDone, rowsTotal, state }: Snapshot) =>
  percent(rowsDone, rowsTotal, state === 'done');

export const SnapshotList = ({ snapshots }: { snapshots: readonly Snapshot[] }) => (
  <DataTable
    caption="Snapshot jobs, newest first"
    rows={snapshots}
    columns={columns}
    rowId={({ id }) => id}
    sortedBy={[{ id: 'job', desc: true }]}
    empty="No snapshot was asked for yet."
  />
);
