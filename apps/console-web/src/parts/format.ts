const UNKNOWN = '–';

const whole = new Intl.NumberFormat('en');

export const count = (value: number | null) => (value === null ? UNKNOWN : whole.format(value));

/** A duration as two units at most: `0.4 s`, `2 min 5 s`, `3 h`, `4 d 2 h`. */
export function duration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3_600) return two(rounded, 60, 'min', 1, 's');
  if (rounded < 86_400) return two(rounded, 3_600, 'h', 60, 'min');
  return two(rounded, 86_400, 'd', 3_600, 'h');
}

function two(seconds: number, size: number, unit: string, smallSize: number, smallUnit: string): string {
  const small = Math.floor((seconds % size) / smallSize);
  const large = `${Math.floor(seconds / size)} ${unit}`;
  return small ? `${large} ${small} ${smallUnit}` : large;
}

export function perSecond(rate: number | null): string {
  if (rate === null) return UNKNOWN;
  return `${rate > 0 && rate < 10 ? Math.round(rate * 10) / 10 : whole.format(Math.round(rate))}/s`;
}

/** Part of a whole in percent, 0 to 100; of an estimate that was too low, not more than 99 before the end. */
export function percent(done: number, total: number, finished: boolean): number {
  if (finished) return 100;
  if (total <= 0) return 0;
  return Math.min(99, Math.floor((done / total) * 100));
}

export function ago(time: string, now: Date): string {
  const seconds = (now.getTime() - Date.parse(time)) / 1_000;
  return seconds < 1 ? 'now' : `${duration(seconds)} ago`;
}

/** A point in time in UTC, to the second, as logs and the command line have it. */
export const utc = (time: string) => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A value of a row on one line; text stands as it is, and `NULL` is no text. */
export function valueText(value: unknown): string {
  if (value === undefined) return '(absent)';
  if (value === null) return 'NULL';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
