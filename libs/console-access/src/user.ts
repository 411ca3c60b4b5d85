import { z } from 'zod';

export const role = z.enum(['viewer', 'operator']);
export type UserRole = z.infer<typeof role>;

/** Who calls: a name for the audit topic, and what it may do. */
export const user = z.object({ name: z.string().min(1).max(200), role });
export type User = z.infer<typeof user>;
