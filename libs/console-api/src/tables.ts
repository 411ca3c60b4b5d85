import { z } from 'zod';
import { reason, tableName, target, time } from './common';
import { endpoint } from './endpoint';
import { snapshot } from './snapshots';

const suspension = z.object({
  stage: z.string(),
  code: z.string(),
  reason: z.string(),
  remedy: z.string(),
  since: time.nullable(),
});

/** An operator's pause of a table (`target: null`: of all of it) or of one of its targets, and what it costs so far. */
const pause = z.object({
  target: target.nullable(),
  since: time,
  by: z.string(),
  reason: z.string().nullable(),
  /** Changes that wait for the resume. */
  waiting: z.number().nullable(),
  /** How long the pause may last before the table has to be loaded again. */
  headroomSeconds: z.number().nullable(),
});

const lastVerified = z.object({ at: time, equal: z.boolean(), id: z.string() });

const table = z.object({
  table: tableName,
  state: z.enum(['active', 'suspended', 'excluded', 'paused']),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  suspensions: z.array(suspension),
  paused: z.array(pause),
  /** The server's estimate. */
  rows: z.number().nullable(),
  pending: z.number().nullable(),
  lagSeconds: z.number().nullable(),
  perSecond: z.number().nullable(),
  deadLetters: z.number().nullable(),
  snapshot: z
    .object({
      state: z.string(),
      rowsDone: z.number(),
      rowsTotal: z.number(),
      waitsFor: z.string().nullable(),
    })
    .nullable(),
  lastVerified: lastVerified.nullable(),
  /** How the table and its triggers agree, as of some seconds ago; `null`: not known. */
  capture: z.object({ state: z.string(), detail: z.string().nullable() }).nullable(),
});
export type Table = z.infer<typeof table>;

const tableDetail = table.extend({
  key: z.array(z.string()),
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
  targets: z.array(z.object({ target, place: z.string() })),
  snapshots: z.array(snapshot),
});
export type TableDetail = z.infer<typeof tableDetail>;

const params = z.object({ table: tableName });
const change = z.strictObject({ target: target.optional(), reason });

export const tableEndpoints = {
  tables: endpoint({
    method: 'GET',
    path: 'tables',
    role: 'viewer',
    summary: 'Every table: rows, lag, capture state, last snapshot, last verification, pauses',
    answer: z.object({ tables: z.array(table) }),
  }),
  table: endpoint({
    method: 'GET',
    path: 'tables/{table}',
    role: 'viewer',
    summary: 'One table with its columns, its drift and its snapshots',
    params,
    answer: tableDetail,
  }),
  pauseTable: endpoint({
    method: 'POST',
    path: 'tables/{table}/pause',
    role: 'operator',
    summary: 'Pauses a table, or one target of it; nothing is lost',
    params,
    body: change,
    answer: z.object({ table: tableName, paused: z.array(pause) }),
  }),
  resumeTable: endpoint({
    method: 'POST',
    path: 'tables/{table}/resume',
    role: 'operator',
    summary: 'Resumes a table, or one target of it',
    params,
    body: change,
    answer: z.object({ table: tableName, paused: z.array(pause) }),
  }),
} as const;
