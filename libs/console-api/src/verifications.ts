import { z } from 'zod';
import { masking, reason, row, tableName, tablePattern, target, time, version } from './common';
import { endpoint } from './endpoint';

const report = z.object({
  table: tableName,
  target,
  rows: z.number(),
  equal: z.number(),
  missing: z.number(),
  extra: z.number(),
  different: z.number(),
  stale: z.number(),
  index: z.number(),
  unsettled: z.number(),
  repaired: z.number(),
  notRepaired: z.number(),
  seconds: z.number(),
  shared: z.boolean().optional(),
});

const difference = z.object({
  table: tableName,
  target,
  kind: z.enum(['missing', 'extra', 'different', 'stale', 'index']),
  key: row.nullable(),
  id: z.string(),
  inSource: z.boolean(),
  columns: z.array(z.object({ column: z.string() }).catchall(z.unknown())),
  version: version.optional(),
  note: z.string().optional(),
  repair: z.object({ action: z.string(), result: z.string(), note: z.string().optional() }).optional(),
});

/** `lost`: the process that ran it has ended without a word. */
const state = z.enum(['running', 'equal', 'different', 'incomplete', 'failed', 'cancelled', 'lost']);

export const verification = z.object({
  id: z.string(),
  state,
  /** What was asked for; `null`: every table, every target. */
  table: z.string().nullable(),
  target: target.nullable(),
  repair: z.enum(['none', 'plan', 'do']),
  by: z.string(),
  startedAt: time,
  finishedAt: time.nullable(),
  rowsDone: z.number(),
  /** The servers' estimate. */
  rowsTotal: z.number(),
  differences: z.number(),
  error: z.string().nullable(),
});
export type VerificationSummary = z.infer<typeof verification>;

const verificationDetail = verification.extend({
  reports: z.array(report),
  examples: z.array(difference),
  repairs: z.record(z.string(), z.number()),
  suspended: z.array(z.object({ table: z.string(), code: z.string(), reason: z.string() }).loose()),
  masked: z.boolean(),
});
export type VerificationDetail = z.infer<typeof verificationDetail>;

const params = z.object({ id: z.string().regex(/^\d{1,20}$/) });

export const verificationEndpoints = {
  verifications: endpoint({
    method: 'GET',
    path: 'verifications',
    role: 'viewer',
    summary: 'Verifications, newest first',
    answer: z.object({ verifications: z.array(verification) }),
  }),
  startVerification: endpoint({
    method: 'POST',
    path: 'verifications',
    role: 'operator',
    summary: 'Compares tables with their targets, beside live changes',
    body: z.strictObject({
      table: tablePattern.optional(),
      target: target.optional(),
      sample: z
        .union([
          z.strictObject({ rows: z.int().min(1) }),
          z.strictObject({ part: z.number().positive().max(1) }),
        ])
        .optional(),
      /** Rows compared a second at most. */
      rate: z.int().min(1).optional(),
      reason,
    }),
    answer: z.object({ id: z.string() }),
    status: 202,
  }),
  verification: endpoint({
    method: 'GET',
    path: 'verifications/{id}',
    role: 'viewer',
    summary: 'One verification with its reports and the first differences by column',
    params,
    query: z.object({ ...masking }),
    answer: verificationDetail,
  }),
  cancelVerification: endpoint({
    method: 'POST',
    path: 'verifications/{id}/cancel',
    role: 'operator',
    summary: 'Ends a verification after the rows at hand',
    params,
    body: z.strictObject({ reason }),
    answer: z.object({ id: z.string() }),
    status: 202,
  }),
  repairVerification: endpoint({
    method: 'POST',
    path: 'verifications/{id}/repair',
    role: 'operator',
    summary: 'Verifies the same again and repairs what differs, or with dryRun says what a repair would do',
    params,
    query: z.object({ dryRun: z.enum(['true', 'false']).default('false') }),
    body: z.strictObject({ reason }),
    answer: z.object({ id: z.string() }),
    status: 202,
  }),
} as const;
