import { randomInt } from 'node:crypto';

/**
 * A name that no other test run uses: fit for a database, a topic, a consumer group or a key prefix
 * (lower-case letters, digits and `_`; 10 characters longer than `prefix`).
 */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomInt(36 ** 9)
    .toString(36)
    .padStart(9, '0')}`;
}
