import { z } from 'zod';
import { time } from './common';
import { endpoint } from './endpoint';

const instance = z.object({
  app: z.string(),
  instance: z.string(),
  pid: z.int(),
  host: z.string(),
  port: z.int(),
  ready: z.boolean(),
  trouble: z.string().nullable(),
  startedAt: time,
  silentSeconds: z.number(),
  alive: z.boolean(),
  version: z.string().nullable(),
  config: z.string().nullable(),
});
export type Instance = z.infer<typeof instance>;

export const fleetEndpoints = {
  instances: endpoint({
    method: 'GET',
    path: 'instances',
    role: 'viewer',
    summary: 'Every process of the pipeline, as its last heartbeat has it',
    answer: z.object({ instances: z.array(instance) }),
  }),
  config: endpoint({
    method: 'GET',
    path: 'config',
    role: 'viewer',
    summary: 'The configuration as resolved: the sync file against the source',
    answer: z.object({
      path: z.string(),
      hash: z.string(),
      version: z.string(),
      /** Addresses of the servers, without names and passwords. */
      servers: z.record(z.string(), z.string()),
      topics: z.record(z.string(), z.string()),
      tables: z.array(z.record(z.string(), z.unknown())),
      suspended: z.array(z.object({ table: z.string(), code: z.string(), reason: z.string() }).loose()),
      skipped: z.array(z.object({ table: z.string(), reason: z.string() }).loose()),
    }),
  }),
} as const;
