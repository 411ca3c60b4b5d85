import { z } from 'zod';
import { target, time } from './common';
import { endpoint } from './endpoint';

const severity = z.enum(['ok', 'warn', 'trouble']);

/** A service of the pipeline, all its instances together. */
const stage = z.object({
  stage: z.string(),
  /** `waiting`: for another server; `stopped`: no instance says anything. */
  state: z.enum(['running', 'waiting', 'stopped']),
  instances: z.int(),
  lagEvents: z.number().nullable(),
  /** Age of the oldest change that is not done yet; `null`: not known. */
  lagSeconds: z.number().nullable(),
  perSecond: z.number().nullable(),
  /** What it waits for, or whose transaction holds it up; `null`: nothing. */
  blockedBy: z.string().nullable(),
  since: time.nullable(),
});

/** One point of the last hour, as this console saw it. */
const point = z.object({ at: time, lagSeconds: z.number().nullable(), perSecond: z.number().nullable() });

export const overview = z.object({
  at: time,
  /** What a person needs to know first, and what to do. */
  verdict: z.object({ severity, sentence: z.string(), next: z.string().nullable() }),
  stages: z.array(stage),
  targets: z.array(target),
  tables: z.object({ total: z.int(), suspended: z.int(), paused: z.int() }),
  deadLetters: z.object({ open: z.number().nullable() }),
  snapshots: z.object({ open: z.int() }),
  history: z.array(point),
  /** Parts that did not answer, each with a sentence. */
  unreachable: z.record(z.string(), z.string()),
});
export type Overview = z.infer<typeof overview>;

export const overviewEndpoints = {
  overview: endpoint({
    method: 'GET',
    path: 'overview',
    role: 'viewer',
    summary: 'The pipeline at a glance: every stage, its lag, and one sentence of verdict',
    answer: overview,
  }),
} as const;
