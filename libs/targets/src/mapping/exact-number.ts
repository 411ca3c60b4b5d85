import { versionNumber, type Version } from '@tributary/contract';
import { Decimal128, Double, Long } from './bson';
import { DECIMAL128_DIGITS } from './mongo-limits';

/** Numbers whose text is longer may not survive a double, or may not fit the quick paths below. */
const SAFE_DIGITS = 15;
const DECIMAL128_BIAS = 6176;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** A whole number as Int32 (a plain number to the driver), or as Long where it does not fit. */
export function wholeNumber(value: number): number | Long {
  return (value | 0) === value ? value : Long.fromNumber(value);
}

/** Digits of a 64-bit integer as Long; an unsigned one past 2^63-1 as Decimal128, digit for digit. */
export function longOf(digits: string): Long | Decimal128 {
  if (digits.length <= SAFE_DIGITS) return Long.fromNumber(Number(digits));
  const value = BigInt(digits);
  return value >= INT64_MIN && value <= INT64_MAX ? Long.fromBigInt(value) : Decimal128.fromString(digits);
}

let lastVersion: Version | undefined;
let lastLong = Long.ZERO;

/** A row's version. The guard and the document ask for the same one, and all rows of a chunk have one. */
export function versionLong(version: Version): Long {
  if (version !== lastVersion) {
    lastLong = Long.fromBigInt(versionNumber(version));
    lastVersion = version;
  }
  return lastLong;
}

/** A double that stays one in BSON: the driver would store a plain whole number as Int32. */
export function doubleOf(value: number): number | Double {
  return Number.isInteger(value) ? new Double(value) : value;
}

/**
 * A decimal text `[-]digits[.digits]` as Decimal128 with its scale kept. Up to 15 digits it is put together by
 * hand (IEEE 754-2008, binary integer decimal): four times as fast as the driver's parser.
 */
export function decimalOf(text: string): Decimal128 {
  const negative = text.charCodeAt(0) === 0x2d;
  const dot = text.indexOf('.');
  const digits = dot < 0 ? text.slice(+negative) : text.slice(+negative, dot) + text.slice(dot + 1);
  if (digits.length > SAFE_DIGITS) return Decimal128.fromString(text);
  const scale = dot < 0 ? 0 : text.length - dot - 1;
  const coefficient = Number(digits);
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(coefficient % 2 ** 32, 0);
  bytes.writeUInt32LE(Math.floor(coefficient / 2 ** 32), 4);
  bytes.writeUInt32LE((((DECIMAL128_BIAS - scale) << 17) | (negative ? 0x80000000 : 0)) >>> 0, 12);
  return new Decimal128(bytes);
}

/**
 * A number of a JSON text in the smallest BSON type that holds it exactly: Int32, Long, Decimal128 for integers;
 * double, Decimal128 for the rest; else its own text.
 */
export function jsonNumber(text: string): number | Long | Double | Decimal128 | string {
  if (/^-?\d+$/.test(text)) {
    if (text === '-0') return new Double(-0);
    if (text.length <= SAFE_DIGITS) return wholeNumber(Number(text));
    return significantDigits(text).digits.length <= DECIMAL128_DIGITS ? longOrDecimal(text) : text;
  }
  const value = Number(text);
  if (sameNumber(text, value)) return doubleOf(value);
  try {
    return significantDigits(text).digits.length <= DECIMAL128_DIGITS ? Decimal128.fromString(text) : text;
  } catch {
    return text; // an exponent beyond Decimal128
  }
}

function longOrDecimal(digits: string): Long | Decimal128 | string {
  try {
    return longOf(digits);
  } catch {
    return digits;
  }
}

/** Whether the shortest text of the double is the same decimal number as `text`. */
function sameNumber(text: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const [written, held] = [significantDigits(text), significantDigits(String(value))];
  return written.digits === held.digits && (written.digits === '' || written.exponent === held.exponent);
}

/** The digits without leading and trailing zeros, and the power of ten of the last one. */
function significantDigits(text: string): { digits: string; exponent: number } {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { digits, exponent: Number(power) - fraction.length + (all.length - digits.length) };
}

/** A decimal text without exponent and without trailing zeros of a fraction. */
export function plainNumber(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!parts) return text;
  const [, sign, whole = '', fraction = '', power = '0'] = parts;
  const exponent = Number(power) - fraction.length;
  // No key column has numbers of that size; written out they would be megabytes.
  if (Math.abs(exponent) > 400) return text;
  const digits = whole + fraction;
  const point = digits.length + exponent;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = point <= 0 ? 1 : point;
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const rest = padded.slice(at).replace(/0+$/, '');
  const value = rest ? `${integer}.${rest}` : integer;
  return value === '0' ? '0' : sign + value;
}
