/**
 * Temporal texts. On the wire and in Redis: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS[.f]` (DATETIME),
 * the same with `Z` (TIMESTAMP), `[-]HH[H]:MM:SS[.f]` (TIME). What is no instant (zero months or days, days
 * that the month lacks) stays in MySQL's own text with a space, so a reader cannot mistake it for ISO 8601.
 */

/** MySQL's text of a DATETIME to its wire text. */
export function wireDateTime(text: string): string {
  return hasZeroDate(text) || lacksDay(text) ? text : `${text.slice(0, 10)}T${text.slice(11)}`;
}

/** Whether a date text names no day: a zero month or a zero day. */
function hasZeroDate(text: string): boolean {
  return text.startsWith('00', 5) || text.startsWith('00', 8);
}

/** Whether the month has no such day, which ALLOW_INVALID_DATES lets MySQL store. */
function lacksDay(text: string): boolean {
  const day = text.slice(8, 10);
  if (day <= '28') return false;
  const [year, month] = [Number(text.slice(0, 4)), Number(text.slice(5, 7))];
  // Day 0 of the next month; years below 100 stand for 19xx in Date.UTC, 400 years later the calendar is the same.
  return Number(day) > new Date(Date.UTC(year + 400, month, 0)).getUTCDate();
}

/** UNIX_TIMESTAMP(c) as text, `0` for the zero TIMESTAMP, to its wire text with `fsp` fractional digits. */
export function timestampText(epoch: string, fsp: number): string {
  const dot = epoch.indexOf('.');
  const seconds = Number(dot < 0 ? epoch : epoch.slice(0, dot));
  const fraction =
    fsp === 0 ? '' : `.${(dot < 0 ? '' : epoch.slice(dot + 1)).padEnd(fsp, '0').slice(0, fsp)}`;
  if (seconds === 0 && !/[1-9]/.test(fraction)) return `0000-00-00 00:00:00${fraction}`;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}${fraction}Z`;
}
