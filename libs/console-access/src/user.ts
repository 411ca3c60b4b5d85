import { z } from 'zod';

export const role = z.enum(['viewer', 'operator']);
export type UserRole = z.infer<typeof role>;

/** Of the names of those who logged in at an OpenID provider; no user of a file has it. */
export const OIDC_PREFIX = 'oidc:';

/** Who calls: a name for the audit topic, and what it may do. */
export const user = z.object({ name: z.string().min(1).max(200), role });
export type User = z.infer<typeof user>;
