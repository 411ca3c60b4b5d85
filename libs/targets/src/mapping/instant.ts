/**
 * The instant of a wire temporal text (`YYYY-MM-DD[THH:MM:SS[.f][Z]]`, read as UTC), digits past milliseconds cut off;
 * `undefined` when it names none: zero dates, and days that the month does not have.
 */
export function instantOf(text: string): Date | undefined {
  const year = number(text, 0, 4);
  const month = number(text, 5, 7);
  const day = number(text, 8, 10);
  if (month === 0 || day === 0) return undefined;
  const timed = text.length > 10;
  if (timed && text.charCodeAt(10) !== 0x54) return undefined;
  const date = new Date(
    timed
      ? Date.UTC(
          year,
          month - 1,
          day,
          number(text, 11, 13),
          number(text, 14, 16),
          number(text, 17, 19),
          milliseconds(text),
        )
      : Date.UTC(year, month - 1, day),
  );
  if (year < 100) date.setUTCFullYear(year, month - 1, day); // Date.UTC takes these for 19xx
  return date.getUTCDate() === day && date.getUTCMonth() === month - 1 ? date : undefined;
}

function number(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + text.charCodeAt(at) - 0x30;
  return value;
}

function milliseconds(text: string): number {
  if (text.charCodeAt(19) !== 0x2e) return 0;
  let value = 0;
  for (let at = 20; at < 23; at += 1) {
    const digit = at < text.length ? text.charCodeAt(at) - 0x30 : 0;
    value = value * 10 + (digit >= 0 && digit <= 9 ? digit : 0);
  }
  return value;
}

/** MySQL's own text of a value that is no instant: a space instead of ISO 8601's `T`, no zone. */
export function mysqlText(wire: string): string {
  return wire.replace('T', ' ').replace('Z', '');
}
