/**
 * Reading JSON (RFC 8259) where it stands, as bytes. Each function reads what begins at a byte and answers the byte past it,
 * or -1 when something else stands there.
 */
export const QUOTE = 0x22;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const ZERO = 0x30;
export const BACKSLASH = 0x5c;
export const CLOSE_BRACE = 0x7d;

export const literal = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

export const isDigit = (byte: number | undefined) => byte !== undefined && byte >= ZERO && byte <= 0x39;

export function skipLiteral(bytes: Uint8Array, at: number, text: Uint8Array): number {
  const { length } = text;
  if (at < 0 || at + length > bytes.length) return -1;
  for (let nth = 0; nth < length; nth += 1) if (bytes[at + nth] !== text[nth]) return -1;
  return at + length;
}

/** Without any digits the result is where it began. */
export function skipDigits(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && isDigit(bytes[at])) at += 1;
  return at;
}

/** An integer without leading zeros, of at most `most` digits. */
export function skipInteger(bytes: Uint8Array, at: number, most = Infinity): number {
  const digits = at < bytes.length && bytes[at] === MINUS ? at + 1 : at;
  const end = skipDigits(bytes, digits);
  return end === digits || end > digits + most || (bytes[digits] === ZERO && end > digits + 1) ? -1 : end;
}

/** Any number. */
export function skipNumber(bytes: Uint8Array, at: number): number {
  at = skipInteger(bytes, at);
  if (at > 0 && at < bytes.length && bytes[at] === DOT) at = someDigits(bytes, at + 1);
  if (at > 0 && at < bytes.length && (bytes[at]! | 0x20) === 0x65) {
    const sign = bytes[at + 1];
    at = someDigits(bytes, at + (sign === MINUS || sign === 0x2b ? 2 : 1));
  }
  return at;
}

function someDigits(bytes: Uint8Array, at: number): number {
  const end = skipDigits(bytes, at);
  return end === at ? -1 : end;
}

/** What an integer of at most 15 digits stands for. */
export function integerAt(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at += 1) value = value * 10 + bytes[at]! - ZERO;
  return negative ? -value : value;
}

/** Whether a byte after a backslash is an escape by itself. */
const isEscape = new Uint8Array(256);
for (const character of '"/\\bfnrt') isEscape[character.charCodeAt(0)] = 1;

/** An escape; `at` is on its backslash. */
export function skipEscape(bytes: Uint8Array, at: number): number {
  if (at + 1 >= bytes.length) return -1;
  if (isEscape[bytes[at + 1]!] === 1) return at + 2;
  if (bytes[at + 1] !== 0x75 || at + 6 > bytes.length) return -1;
  for (let digit = at + 2; digit < at + 6; digit += 1) {
    const letter = bytes[digit]! | 0x20;
    if (!isDigit(bytes[digit]) && !(letter >= 0x61 && letter <= 0x66)) return -1;
  }
  return at + 6;
}
