import { DOT, form, MINUS, ZERO, type Column } from '@tributary/contract';
import { areDigits, type ByteCheck } from './byte-checks';

const COLON = 0x3a;
const T = 0x54;
const Z = 0x5a;

export const dateBytes: ByteCheck = (bytes, start, end, its) =>
  its === form.text && end - start === 12 && isDay(bytes, start + 1);

export const dateTimeBytes = ({ fsp = 0 }: Column): ByteCheck => instantBytes(fsp, false);
export const timestampBytes = ({ fsp = 0 }: Column): ByteCheck => instantBytes(fsp, true);

function instantBytes(fsp: number, zoned: boolean): ByteCheck {
  const length = 21 + (fsp === 0 ? 0 : fsp + 1) + (zoned ? 1 : 0);
  return (bytes, start, end, its) => {
    if (its !== form.text || end - start !== length) return false;
    const at = start + 1;
    return (
      isDay(bytes, at) &&
      bytes[at + 10] === T &&
      isClock(bytes, at + 11) &&
      isFraction(bytes, at + 19, fsp) &&
      (!zoned || bytes[end - 2] === Z)
    );
  };
}

/** A time of day. */
export const timeBytes =
  ({ fsp = 0 }: Column): ByteCheck =>
  (bytes, start, end, its) =>
    its === form.text &&
    end - start === 10 + (fsp === 0 ? 0 : fsp + 1) &&
    isClock(bytes, start + 1) &&
    isFraction(bytes, start + 9, fsp);

/** `YYYY-MM-DD`, a day that every such month has. */
function isDay(bytes: Uint8Array, at: number): boolean {
  if (!areDigits(bytes, at, 4) || bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return false;
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  return month >= 1 && month <= 12 && day >= 1 && day <= 28;
}

/** `HH:MM:SS`. */
function isClock(bytes: Uint8Array, at: number): boolean {
  return (
    twoDigits(bytes, at) < 24 &&
    bytes[at + 2] === COLON &&
    twoDigits(bytes, at + 3) < 60 &&
    bytes[at + 5] === COLON &&
    twoDigits(bytes, at + 6) < 60
  );
}

const isFraction = (bytes: Uint8Array, at: number, fsp: number) =>
  fsp === 0 || (bytes[at] === DOT && areDigits(bytes, at + 1, fsp));

/** 0 to 99; NaN where these are no digits. */
const twoDigits = (bytes: Uint8Array, at: number) =>
  areDigits(bytes, at, 2) ? (bytes[at]! - ZERO) * 10 + bytes[at + 1]! - ZERO : NaN;
