import { z } from 'zod';

/** `database.table`. */
export const tableName = z.string().min(3).max(255);
/** `database.table`, or a pattern with `*`. */
export const tablePattern = z.string().min(1).max(255);
/** Of a target of the sync file, as `mongo`. */
export const target = z.string().min(1).max(64);
/** ISO 8601, UTC. */
export const time = z.string();
/** Columns by name as they stand on the topics; of a masked one `"***"`. */
export const row = z.record(z.string(), z.unknown());
export const version = z.string();
/** Values of the key columns in key order, as a person writes them. */
export const key = z.array(z.string().max(4_096)).min(1).max(16);
/** Of a query: one value, or several of the same name. */
export const keyQuery = z.preprocess((one) => (typeof one === 'string' ? [one] : one), key);
/** Why somebody changes something; it stands in the audit topic. */
export const reason = z.string().max(1_000).optional();
export const flagQuery = z.enum(['true', 'false']).optional();
/** Values instead of masks for an operator; each such answer is noted in the audit topic. */
export const masking = { mask: flagQuery };
export const limitQuery = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual);
