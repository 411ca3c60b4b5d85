/**
 * Temporal texts. On the wire and in Redis: `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS[.f]` (DATETIME),
 * the same with `Z` (TIMESTAMP), `[-]HH[H]:MM:SS[.f]` (TIME). What is no instant (zero dates, zero months or
 * days) stays in MySQL's own text with a space, so a reader cannot mistake it for ISO 8601.
 */

/** MySQL's text of a DATETIME to its wire text. */
export function wireDateTime(text: string): string {
  return hasZeroDate(text) ? text : `${text.slice(0, 10)}T${text.slice(11)}`;
}

/** Whether a date text names no day: a zero year with zero month, a zero month or a zero day. */
export function hasZeroDate(text: string): boolean {
  return text.startsWith('00', 5) || text.startsWith('00', 8);
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
