import { readFileSync } from 'node:fs';
import { z } from 'zod';

const number = z.number();
/** CPU seconds, and MiB at most. */
const phase = {
  systemCpuS: number,
  allCpuS: number,
  procs: z.record(z.string(), z.object({ cpuS: number, maxRssMiB: number })),
  check: z.object({ equal: z.literal(true, 'the targets were not equal to the source') }),
};
const delay = z.object({ p50: number, p99: number });

const run = z.object({
  rows: z.record(z.string(), number),
  snapshot: z.object({
    ...phase,
    toMongoS: number,
    toRedisS: number,
    rowsPerSystemCpuS: number,
    topicBytesPer: z.record(z.string(), number),
  }),
  stream: z.object({
    ...phase,
    source: z.object({ changes: number, rate: number }),
    changesPerSystemCpuS: number,
    lagAfterLastCommitS: z.object({ mongo: number, redis: number }),
  }),
  latency: z.object({ ...phase, changes: number, mongoMs: delay, redisMs: delay }),
});

/** What the harness that runs two systems beside each other writes of one run (its `bench-*.json`), as far as it is used. */
export type Run = z.infer<typeof run>;

/** Throws an Error that names the file and what is wrong with it: a run whose targets were not equal is no result. */
export function readRun(file: string): Run {
  const read = run.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new Error(`${file}: ${z.prettifyError(read.error)}`);
  return read.data;
}

export const rowsOf = ({ rows }: Run) => Object.values(rows).reduce((sum, count) => sum + count, 0);
