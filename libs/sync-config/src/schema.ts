import { z } from 'zod';
import { targetSpecs } from './targets/registry';
import type { TargetSpec } from './targets/target-spec';

/** The sync file as it is written (docs/reference/sync-file.md); every object refuses unknown keys. */

const tableName = z
  .string()
  .regex(/^[^.]+\..+$/s, 'must be database.table, or database.* (a * stands for any characters)');
const fields = z.record(z.string(), z.string().min(1));

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
});

/** Sections of targets, by their names. */
type Sections = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
export type TableEntry = z.infer<typeof tableEntry>;

/** What an entry, or the defaults, say of a target. */
export const sectionOf = (of: object | undefined, target: string): Sections[string] =>
  (of as Sections | undefined)?.[target];

/** How batches on the topics can be written. */
const compressions = ['lz4', 'zstd', 'none'] as const;
export type Compression = (typeof compressions)[number];

/** Which tables have a label of their own in metrics: all, those with most events, or none. */
const tableLabels = ['all', 'top', 'none'] as const;
export type TableLabelling = (typeof tableLabels)[number];

const defaults = z.strictObject({ before: z.boolean().optional() });
const tablesOf = <Entry extends z.ZodType>(entry: Entry) =>
  z.array(entry).min(1, 'must list at least one table');

const base = z.strictObject({
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
  metrics: z
    .strictObject({
      tables: z.enum(tableLabels).optional(),
      canarySeconds: z.int().min(1).max(3600).optional(),
    })
    .optional(),
  defaults: defaults.optional(),
  tables: tablesOf(tableEntry),
});
export type SyncFile = z.infer<typeof base>;

/** The file with a section for each of these targets. */
export function syncFileOf(targets: readonly TargetSpec[]): z.ZodType<SyncFile> {
  const sections = (pick: (target: TargetSpec) => z.ZodObject): Record<never, z.ZodType> =>
    Object.fromEntries(targets.map((target) => [target.name, pick(target).optional()]));
  return base.extend({
    defaults: defaults.extend(sections((target) => target.defaults)).optional(),
    tables: tablesOf(tableEntry.extend(sections((target) => target.entry))),
  });
}

export const syncFile = syncFileOf(targetSpecs);
