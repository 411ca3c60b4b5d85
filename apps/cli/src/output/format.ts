/** Thousands apart, for people: 1,234,567. */
export const count = (value: number | bigint | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toLocaleString('en-US');

/** `0.2 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '-';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

export const percent = (done: number, total: number): string =>
  total === 0 ? '100 %' : `${Math.min(100, Math.floor((done / total) * 100))} %`;
