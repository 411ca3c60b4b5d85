import { randomInt } from 'node:crypto';

const NAMES = 36 ** 9;
const HALF = 2 ** 24;

/**
 * A name that no other test run uses: fit for a database, a topic, a consumer group or a key prefix
 * (lower-case letters, digits and `_`; 10 characters longer than `prefix`).
 */
export function uniqueName(prefix: string): string {
  const number = (randomInt(HALF) * HALF + randomInt(HALF)) % NAMES;
  return `${prefix}_${number.toString(36).padStart(9, '0')}`;
}
