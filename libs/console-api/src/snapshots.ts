import { z } from 'zod';
import { reason, tableName, tablePattern, time } from './common';
import { endpoint } from './endpoint';

export const snapshot = z.object({
  id: z.string(),
  table: tableName,
  where: z.string().nullable(),
  priority: z.int(),
  engine: z.enum(['node', 'spark']),
  state: z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']),
  rowsDone: z.number(),
  rowsTotal: z.number(),
  totalIsExact: z.boolean(),
  rowsPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  error: z.string().nullable(),
  waitsFor: z.string().nullable(),
  waitsSince: time.nullable(),
});
export type Snapshot = z.infer<typeof snapshot>;

const change = <A extends 'pause' | 'resume' | 'cancel'>(action: A, summary: string) =>
  endpoint({
    method: 'POST',
    path: `snapshots/{id}/${action}` as const,
    role: 'operator',
    summary,
    params: z.object({ id: z.string().regex(/^\d{1,20}$/) }),
    body: z.strictObject({ reason }),
    answer: z.object({ changed: z.int() }),
  });

export const snapshotEndpoints = {
  snapshots: endpoint({
    method: 'GET',
    path: 'snapshots',
    role: 'viewer',
    summary: 'Snapshot jobs, newest first',
    answer: z.object({ snapshots: z.array(snapshot) }),
  }),
  startSnapshots: endpoint({
    method: 'POST',
    path: 'snapshots',
    role: 'operator',
    summary: 'Queues a snapshot of every table that is meant, or of the rows for which a condition is true',
    body: z.strictObject({
      table: tablePattern.optional(),
      where: z.string().min(1).max(10_000).optional(),
      priority: z.int().min(-1_000).max(1_000).optional(),
      reason,
    }),
    answer: z.object({ started: z.array(z.object({ id: z.string(), table: tableName })) }),
    status: 201,
  }),
  pauseSnapshot: change('pause', 'Pauses a snapshot'),
  resumeSnapshot: change('resume', 'Resumes a snapshot where it was'),
  cancelSnapshot: change('cancel', 'Cancels a snapshot'),
} as const;
