import { z } from 'zod';
import { limitQuery, time } from './common';
import { endpoint } from './endpoint';

/** One action of a user, as it stands on the topic `<prefix>.audit`. */
export const auditEntry = z.object({
  id: z.string(),
  at: time,
  /** Name of the user, and from where. */
  who: z.string(),
  role: z.string(),
  from: z.string(),
  /** The operation, as `pauseTable`, `replayDeadLetters` or `reveal`. */
  action: z.string(),
  /** What it was done to and how, without values of rows. */
  input: z.record(z.string(), z.unknown()),
  reason: z.string().nullable(),
  outcome: z.enum(['done', 'failed', 'refused']),
  /** Of a success what came of it, else one sentence. */
  detail: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditEndpoints = {
  audit: endpoint({
    method: 'GET',
    path: 'audit',
    role: 'viewer',
    summary: 'Who changed what, when, why and with what outcome, newest first',
    query: z.object({
      /** Older ones than that of this id. */
      before: z
        .string()
        .regex(/^\d{1,19}$/)
        .optional(),
      limit: limitQuery(1_000, 100),
    }),
    answer: z.object({ entries: z.array(auditEntry) }),
  }),
} as const;
