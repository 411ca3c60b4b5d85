import { z } from 'zod';
import { flagQuery, limitQuery, masking, reason, time } from './common';
import { endpoint } from './endpoint';

const deadLetter = z.object({
  id: z.string(),
  at: time,
  stage: z.string(),
  code: z.string(),
  reason: z.string(),
  table: z.string().nullable(),
  /** The column that the reason names; `null`: none. */
  column: z.string().nullable(),
  key: z.string().nullable(),
  attempts: z.string(),
});
export type DeadLetterLine = z.infer<typeof deadLetter>;

/** Open dead letters of one cause. */
export const deadLetterGroup = z.object({
  code: z.string(),
  table: z.string().nullable(),
  column: z.string().nullable(),
  stage: z.string(),
  count: z.int(),
  firstAt: time,
  lastAt: time,
  /** The newest of them. */
  sample: deadLetter,
});
export type DeadLetterGroup = z.infer<typeof deadLetterGroup>;

const deadLetterDetail = z.object({
  id: z.string(),
  headers: z.record(z.string(), z.unknown()),
  key: z.string().nullable(),
  value: z.string().nullable(),
  masked: z.boolean(),
});

const id = z.string().regex(/^\d{1,6}:\d{1,20}$/);
/** What a foreign producer has written may be longer than ours. */
const named = z.string().max(2_000);
const filter = {
  code: named.optional(),
  /** A name, or a pattern with `*`; empty: those that name no table. */
  table: named.optional(),
  /** Empty: those that name no column. */
  column: named.optional(),
  stage: named.optional(),
  /** Those from before then. */
  until: z.iso.datetime({ offset: true }).optional(),
};
/** By id, by group, or both; neither is refused. */
const selection = z
  .strictObject({
    ids: z.array(id).min(1).max(1_000).optional(),
    ...filter,
    table: filter.table.nullable(),
    column: filter.column.nullable(),
    /** The table is a name and no pattern. */
    exact: z.boolean().optional(),
    reason,
  })
  .refine(({ ids, code, table, column }) => [ids, code, table, column].some((one) => one !== undefined), {
    message: 'say which: ids, or a group by code, table or column',
  });

const outcome = z.object({ applied: z.int(), superseded: z.int(), rejected: z.int(), pending: z.int() });

export const deadLetterEndpoints = {
  deadLetterGroups: endpoint({
    method: 'GET',
    path: 'dead-letters/groups',
    role: 'viewer',
    summary: 'Open dead letters grouped by code, table and column',
    answer: z.object({ total: z.int(), groups: z.array(deadLetterGroup) }),
  }),
  deadLetters: endpoint({
    method: 'GET',
    path: 'dead-letters',
    role: 'viewer',
    summary: 'Open dead letters, newest first',
    query: z.object({ ...filter, exact: flagQuery, limit: limitQuery(1_000, 100) }),
    answer: z.object({ total: z.int(), deadLetters: z.array(deadLetter) }),
  }),
  replayDeadLetters: endpoint({
    method: 'POST',
    path: 'dead-letters/replay',
    role: 'operator',
    summary: 'Sends dead letters through the pipeline again, and says what became of them',
    body: selection,
    answer: z.object({
      replayed: z.int(),
      events: z.int(),
      rejectedAgain: z.int(),
      waitsFor: z.string().nullable(),
      targets: z.record(z.string(), outcome),
      notReplayable: z.int(),
      listed: z.array(
        z.object({
          letter: z.string(),
          table: z.string().nullable(),
          why: z.string(),
          command: z.string().optional(),
        }),
      ),
    }),
  }),
  discardDeadLetters: endpoint({
    method: 'POST',
    path: 'dead-letters/discard',
    role: 'operator',
    summary: 'Resolves dead letters without sending them again',
    body: selection,
    answer: z.object({ discarded: z.int() }),
  }),
  deadLetter: endpoint({
    method: 'GET',
    path: 'dead-letters/{id}',
    role: 'viewer',
    summary: 'One dead letter as it stands on the topic',
    params: z.object({ id }),
    query: z.object({ ...masking }),
    answer: deadLetterDetail,
  }),
} as const;
