import { DOT, form, integerAt, isDigit, literal, MINUS, ZERO, type Column } from '@tributary/contract';

/** Tells of most good values that they are, by the bytes of a value (of a text with its quotes). `false` says nothing. */
export type ByteCheck = (bytes: Uint8Array, start: number, end: number, its: number) => boolean;

/** An integer of so many bytes is one that `integerAt` reads exactly. */
const EXACT_BYTES = 15;

export const integerBytes =
  (min: number, max: number): ByteCheck =>
  (bytes, start, end, its) => {
    if (its !== form.integer || end - start > EXACT_BYTES) return false;
    const value = integerAt(bytes, start, end);
    return value >= min && value <= max;
  };

export const booleanBytes: ByteCheck = (_bytes, _start, _end, its) => its === form.true || its === form.false;

/** A text of digits that are too few to be outside the bounds. */
export function digitsBytes(low: bigint, high: bigint): ByteCheck {
  const positive = low <= 0n ? String(high).length - 1 : 0;
  const negative = low < 0n ? String(low).length - 2 : 0;
  return (bytes, start, end, its) => {
    if (its !== form.text) return false;
    const minus = bytes[start + 1] === MINUS ? 1 : 0;
    const first = start + 1 + minus;
    const digits = end - 1 - first;
    if (digits < 1 || digits > (minus ? negative : positive)) return false;
    return areDigits(bytes, first, digits) && (bytes[first] !== ZERO || (digits === 1 && !minus));
  };
}

/** A text of a decimal number. */
export function decimalBytes({ precision = 65, scale = 0, unsigned }: Column): ByteCheck {
  const most = precision - scale;
  const fraction = scale === 0 ? 0 : scale + 1;
  return (bytes, start, end, its) => {
    const first = !unsigned && bytes[start + 1] === MINUS ? start + 2 : start + 1;
    const digits = end - 1 - fraction - first;
    if (its !== form.text || digits < 1 || digits > most) return false;
    if (!areDigits(bytes, first, digits) || (bytes[first] === ZERO && digits > 1)) return false;
    const point = first + digits;
    return fraction === 0 || (bytes[point] === DOT && areDigits(bytes, point + 1, scale));
  };
}

/** With so few bytes a number without an exponent is in the range of FLOAT. */
const FLOAT_BYTES = 30;

export const floatBytes =
  ({ unsigned }: Column): ByteCheck =>
  (bytes, start, end, its) => {
    if ((its !== form.integer && its !== form.number) || end - start > FLOAT_BYTES) return false;
    const first = !unsigned && bytes[start] === MINUS ? start + 1 : start;
    for (let at = first; at < end; at += 1) if (!isDigit(bytes[at]) && bytes[at] !== DOT) return false;
    return true;
  };

/** A text has no more characters than bytes. Any character set that we know holds ASCII, utf8mb4 everything. */
export function textBytes({ length = Infinity, charset = '', mask }: Partial<Column>): ByteCheck {
  const limit = (mask ? Infinity : length) + 2;
  const holdsAll = mask !== undefined || charset === '' || charset === 'utf8mb4';
  const doubtful = form.numbered | (holdsAll ? 0 : form.pastAscii);
  return (_bytes, start, end, its) => its >= form.text && (its & doubtful) === 0 && end - start <= limit;
}

/** More members are looked up faster in a set. */
const MEMBERS = 32;

/** One of these texts. */
export function memberBytes(members: readonly string[]): ByteCheck {
  const texts = members.slice(0, MEMBERS).map((member) => literal(JSON.stringify(member)));
  return (bytes, start, end, its) =>
    its >= form.text && texts.some((text) => text.length === end - start && standsAt(bytes, start, text));
}

const isBase64 = new Uint8Array(256);
for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  isBase64[letter.charCodeAt(0)] = 1;

/** Base64 of a number of bytes that can be divided by three, so that it has no padding. */
export function base64Bytes({ length = Infinity }: Partial<Column>): ByteCheck {
  return (bytes, start, end, its) => {
    const size = end - start - 2;
    if (its !== form.text || size % 4 !== 0 || (size / 4) * 3 > length) return false;
    for (let at = start + 1; at < end - 1; at += 1) if (isBase64[bytes[at]!] === 0) return false;
    return true;
  };
}

export function areDigits(bytes: Uint8Array, at: number, count: number): boolean {
  for (const end = at + count; at < end; at += 1) if (!isDigit(bytes[at])) return false;
  return true;
}

function standsAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let nth = 0; nth < text.length; nth += 1) if (bytes[at + nth] !== text[nth]) return false;
  return true;
}
