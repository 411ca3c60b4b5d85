import { z } from 'zod';
import { mongoCollectionFault, mongoDatabaseFault } from './mongo-names';

/** The sync file as it is written (docs/reference/sync-file.md); every object refuses unknown keys. */

const tableName = z
  .string()
  .regex(/^[^.]+\..+$/, 'must be database.table, or database.* (a * stands for any characters)');
const without = (faultOf: (name: string) => string | null) => (name: string, context: z.RefinementCtx) => {
  const message = faultOf(name);
  if (message !== null) context.addIssue({ code: 'custom', message });
};
const fields = z.record(z.string(), z.string().min(1));

const mongoDefaults = {
  enabled: z.boolean().optional(),
  /** Other pipelines write to the same place, and say so too. */
  shared: z.boolean().optional(),
  temporal: z.enum(['date', 'string']).optional(),
  id: z.enum(['scalar', 'document']).optional(),
  /** Whether the collection gets a `$jsonSchema` made from the columns, and what the server does with other documents. */
  validator: z.enum(['off', 'warn', 'error']).optional(),
};
const redisDefaults = {
  enabled: z.boolean().optional(),
  shared: z.boolean().optional(),
  as: z.enum(['hash', 'json', 'fields']).optional(),
};

const tableEntry = z.strictObject({
  table: tableName,
  /** Leaves the tables out that a wider pattern would take in. */
  exclude: z.boolean().optional(),
  key: z.array(z.string()).min(1, 'must name at least one column').optional(),
  columns: z
    .strictObject({
      exclude: z.array(z.string()).optional(),
      rename: fields.optional(),
      mask: z
        .record(
          z.string(),
          z.enum(
            ['sha256', 'redact', 'last4'],
            'must be sha256, redact or last4; no entry can take a mask back',
          ),
        )
        .optional(),
    })
    .optional(),
  where: z.string().min(1).nullable().optional(),
  before: z.boolean().optional(),
  dto: z.string().min(1).optional(),
  mongo: z
    .strictObject({
      ...mongoDefaults,
      database: z.string().min(1).superRefine(without(mongoDatabaseFault)).optional(),
      collection: z.string().min(1).superRefine(without(mongoCollectionFault)).optional(),
    })
    .optional(),
  redis: z
    .strictObject({
      ...redisDefaults,
      key: z.string().min(1).optional(),
      index: z.string().min(1).optional(),
    })
    .optional(),
});
export type TableEntry = z.infer<typeof tableEntry>;

/** How batches on the topics can be written. */
const compressions = ['lz4', 'zstd', 'none'] as const;
export type Compression = (typeof compressions)[number];

export const syncFile = z.strictObject({
  topics: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,200}$/, 'may hold letters, digits, dots, dashes and underscores')
        .optional(),
      partitions: z.int().min(1).max(1000).optional(),
      compression: z.enum(compressions).optional(),
    })
    .optional(),
  capture: z
    .strictObject({
      schema: z
        .string()
        .regex(/^[A-Za-z0-9_]{1,48}$/, 'may hold letters, digits and underscores, at most 48')
        .optional(),
    })
    .optional(),
  snapshot: z.strictObject({ chunkMs: z.int().min(10).max(10_000).optional() }).optional(),
  defaults: z
    .strictObject({
      before: z.boolean().optional(),
      mongo: z.strictObject(mongoDefaults).optional(),
      redis: z.strictObject(redisDefaults).optional(),
    })
    .optional(),
  tables: z.array(tableEntry).min(1, 'must list at least one table'),
});
export type SyncFile = z.infer<typeof syncFile>;
