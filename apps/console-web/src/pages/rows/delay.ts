import { duration } from '../../parts/format';

/** How long after the step before; clocks of two machines may differ, so it is never below zero. */
export function delayOf(before: string | null, after: string | null): string {
  if (after === null) return 'not yet';
  if (before === null) return after;
  const seconds = (Date.parse(after) - Date.parse(before)) / 1_000;
  return `${duration(Math.max(0, seconds))} later`;
}
