import type { SnapshotEngine, SnapshotJob, SnapshotJobState } from '@tributary/capture-store';

/** What an operator sees of a job. */
export interface SnapshotProgress {
  readonly id: string;
  readonly table: string;
  readonly where: string | null;
  readonly priority: number;
  /** Who works on it: the leading relay (`node`), or the workers of a Spark cluster. */
  readonly engine: SnapshotEngine;
  readonly state: SnapshotJobState;
  readonly rowsDone: number;
  /** The server's estimate, and at least `rowsDone`, until the job is done; then the exact count. */
  readonly rowsTotal: number;
  readonly totalIsExact: boolean;
  /** While it was worked on: waiting, pauses and crashes are not counted. `null` before the first chunk. */
  readonly rowsPerSecond: number | null;
  /** At that rate, to the estimated total; `null` when the job has ended, is past the estimate, or no rate is known. */
  readonly secondsLeft: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
  /** What it has waited for for some seconds, as the leading relay says, and since when. */
  readonly waitsFor: string | null;
  readonly waitsSince: string | null;
}

const ended: readonly SnapshotJobState[] = ['done', 'failed', 'cancelled'];

export function progressOf(job: SnapshotJob): SnapshotProgress {
  const rowsDone = Number(job.rowsDone);
  const busySeconds = Number(job.busyMs) / 1_000;
  // A relay that was killed leaves the words of its last wait behind; the next one clears those of what is queued.
  const waits = job.state === 'running' || job.state === 'queued';
  const isExact = job.state === 'done';
  const rowsTotal = isExact ? rowsDone : Math.max(Number(job.rowsEstimated), rowsDone);
  const rowsPerSecond = busySeconds > 0 ? Math.round(rowsDone / busySeconds) : null;
  return {
    id: job.id,
    table: job.tableName,
    where: job.whereSql,
    priority: job.priority,
    engine: job.engine,
    state: job.state,
    rowsDone,
    rowsTotal,
    totalIsExact: isExact,
    rowsPerSecond,
    secondsLeft:
      rowsPerSecond && rowsTotal > rowsDone && !ended.includes(job.state)
        ? Math.round((rowsTotal - rowsDone) / rowsPerSecond)
        : null,
    createdAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    error: job.error,
    waitsFor: waits ? job.waitsFor : null,
    waitsSince: waits ? (job.waitsSince?.toISOString() ?? null) : null,
  };
}
