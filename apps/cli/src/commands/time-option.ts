import { InvalidArgumentError } from 'commander';

const unitsMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `2h` (ago; s, m, h, d), or an ISO 8601 time; one without a zone is UTC, as the times of dead letters are. */
export function timeOption(text: string): Date {
  const ago = /^(\d+)([smhd])$/.exec(text);
  if (ago) return new Date(Date.now() - Number(ago[1]) * unitsMs[ago[2] as keyof typeof unitsMs]);
  const zoned = /T\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text) ? `${text}Z` : text;
  const time = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? new Date(zoned) : new Date(NaN);
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('It must look like 30m, 2h, 3d, 2026-11-23 or 2026-11-23T10:00:00Z.');
  return time;
}
