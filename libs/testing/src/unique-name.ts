import { randomBytes } from 'node:crypto';

/**
 * A name that no other test run uses: fit for a database, a topic, a consumer group or a key prefix
 * (lower-case letters, digits and `_`; 10 characters longer than `prefix`).
 */
export function uniqueName(prefix: string): string {
  return `${prefix}_${Date.now().toString(36).slice(-3)}${randomBytes(3).toString('hex')}`;
}
