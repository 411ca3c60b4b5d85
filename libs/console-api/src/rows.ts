import { verdictCodes } from '@tributary/contract';
import { z } from 'zod';
import { key, keyQuery, masking, reason, row, tableName, target, time, version } from './common';
import { endpoint } from './endpoint';

const params = z.object({ table: tableName });

const event = z.object({
  offset: z.string(),
  version,
  op: z.enum(['c', 'u', 'd', 'r', 't']),
  snapshot: z.boolean(),
  changedAt: time,
  writtenAt: time,
  before: row.nullable().optional(),
  after: row.nullable(),
});

/** What was searched of a topic, and the row's events there, oldest first. */
const search = z.object({
  topic: z.string(),
  partition: z.int(),
  from: z.string(),
  to: z.string(),
  complete: z.boolean(),
});

const found = search.extend({ events: z.array(event) }).nullable();

const verdict = z.object({ code: z.enum(verdictCodes), sentence: z.string(), next: z.string() });

const column = z.object({ column: z.string() }).catchall(z.unknown());

const trace = z.object({
  table: tableName,
  key: row.nullable(),
  source: row.nullable(),
  log: z.array(z.object({ id: z.string(), op: z.string(), at: time })),
  changes: found,
  validated: found,
  loads: found,
  validatedLoads: found,
  deadLetters: z.array(
    z.object({
      id: z.string(),
      code: z.string(),
      reason: z.string(),
      stage: z.string(),
      version: version.nullable(),
    }),
  ),
  targets: z.array(
    z.object({
      target,
      id: z.string(),
      version: version.nullable(),
      state: z.enum(['equal', 'missing', 'extra', 'different', 'stale', 'index']),
      columns: z.array(column),
      verdict,
    }),
  ),
  verdict,
  masked: z.boolean(),
});
export type RowTrace = z.infer<typeof trace>;

const history = z.object({
  table: tableName,
  key: row,
  events: z.array(
    z.object({
      version,
      op: z.enum(['c', 'u', 'd', 'r', 't']),
      snapshot: z.boolean(),
      committedAt: time,
      publishedAt: time.nullable(),
      validatedAt: time.nullable(),
      columns: z.array(column),
      targets: z.record(z.string(), z.enum(['applied', 'superseded', 'waiting'])),
    }),
  ),
  changes: search.nullable(),
  validated: search.nullable(),
  loads: search.nullable(),
  validatedLoads: search.nullable(),
  masked: z.boolean(),
});
export type RowHistory = z.infer<typeof history>;

/** Rows a second at most; without it as the command line does it. */
const rate = z.int().min(1).max(100_000).optional();
const resend = z.union([
  z.strictObject({ table: tableName, key, rate, reason }),
  z.strictObject({ table: tableName, where: z.string().min(1).max(10_000), rate, reason }),
  z.strictObject({
    table: tableName,
    range: z
      .strictObject({ from: z.string().optional(), to: z.string().optional() })
      .refine(({ from, to }) => from !== undefined || to !== undefined, 'needs from, to or both'),
    rate,
    reason,
  }),
]);

export const rowEndpoints = {
  trace: endpoint({
    method: 'GET',
    path: 'rows/{table}/trace',
    role: 'viewer',
    summary: 'Where one row is between the source and the targets',
    params,
    query: z.object({ key: keyQuery, ...masking }),
    answer: trace,
  }),
  history: endpoint({
    method: 'GET',
    path: 'rows/{table}/history',
    role: 'viewer',
    summary: 'What happened to one row, newest first',
    params,
    query: z.object({ key: keyQuery, since: z.iso.datetime({ offset: true }).optional(), ...masking }),
    answer: history,
  }),
  resend: endpoint({
    method: 'POST',
    path: 'rows/resend',
    role: 'operator',
    summary: 'Sends rows through the pipeline again: by key, by range or by condition',
    body: resend,
    answer: z.object({ rows: z.number(), locked: z.number() }),
  }),
} as const;
