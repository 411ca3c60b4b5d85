import type { Column, WireRow, WireValue } from './column';
import {
  BACKSLASH,
  CLOSE_BRACE,
  DOT,
  integerAt,
  isDigit,
  literal,
  MINUS,
  QUOTE,
  skipEscape,
  skipInteger,
  skipLiteral,
  skipNumber,
} from './json-bytes';

/** What a value of an image is, as far as its bytes tell. A text is the sum of its properties. */
export const form = {
  null: 0,
  false: 1,
  true: 2,
  /** Of digits and perhaps a minus sign. */
  integer: 3,
  /** With a fraction or an exponent. */
  number: 4,
  text: 8,
  /** The text has characters past ASCII; whether they are good UTF-8 is asked of the whole message. */
  pastAscii: 1,
  /** The text has escapes of one letter (`\n`). */
  escaped: 2,
  /** The text has escapes by number (`\u0007`), which may be half a character. */
  numbered: 4,
} as const;

/** Where the values of one row image stand in a message, in column order. Filled anew for every message. */
export interface ImageSpans {
  /** First byte of each value (of a text its quote), and the byte past its last. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly forms: Uint8Array;
}

export const imageSpans = (columns: number): ImageSpans => ({
  starts: new Int32Array(columns),
  ends: new Int32Array(columns),
  forms: new Uint8Array(columns),
});

/** Reads the image that begins at a byte. The result is the byte past it, or -1 when it is of any other form. */
export type ImageScan = (bytes: Uint8Array, at: number, spans: ImageSpans) => number;

/**
 * Compiles the reader of images in the very form that the row encoder writes: these columns in this order, no white space,
 * no value that is an object. One walk over the bytes, and no object is made.
 */
export function compileImageScan(columns: readonly Column[]): ImageScan {
  const heads = columns.map(({ field }, nth) => literal(`${nth === 0 ? '{' : ','}${JSON.stringify(field)}:`));
  return (bytes, at, spans) => {
    for (let nth = 0; nth < heads.length; nth += 1) {
      at = scanValue(bytes, skipLiteral(bytes, at, heads[nth]!), spans, nth);
      if (at < 0) return -1;
    }
    return bytes[at] === CLOSE_BRACE ? at + 1 : -1;
  };
}

/** The value at a place of an image, as JSON.parse gives it. */
export function spanValue(bytes: Buffer, { starts, ends, forms }: ImageSpans, nth: number): WireValue {
  const start = starts[nth]!;
  const end = ends[nth]!;
  switch (forms[nth]!) {
    case form.null:
      return null;
    case form.false:
      return false;
    case form.true:
      return true;
    case form.integer:
      if (end - start <= SAFE_DIGITS) return integerAt(bytes, start, end);
      return Number(bytes.toString('latin1', start, end));
    case form.number:
      return Number(bytes.toString('latin1', start, end));
    case form.text:
      return bytes.toString('latin1', start + 1, end - 1);
    case form.text | form.pastAscii:
      return bytes.toString('utf8', start + 1, end - 1);
    default:
      return JSON.parse(bytes.toString('utf8', start, end)) as string;
  }
}

/** The whole image as JSON.parse gives it. */
export function spanRow(columns: readonly Column[], bytes: Buffer, spans: ImageSpans): WireRow {
  const row: WireRow = {};
  for (let nth = 0; nth < columns.length; nth += 1) row[columns[nth]!.field] = spanValue(bytes, spans, nth);
  return row;
}

/** So many digits are held by a double whatever they are. */
const SAFE_DIGITS = 15;

const words = [
  [literal('null'), form.null],
  [literal('true'), form.true],
  [literal('false'), form.false],
] as const;

/** Reads a value that is no object and no array, and notes where it stands. */
function scanValue(bytes: Uint8Array, at: number, spans: ImageSpans, nth: number): number {
  if (at < 0 || at >= bytes.length) return -1;
  const first = bytes[at]!;
  const end =
    first === QUOTE
      ? scanText(bytes, at, spans, nth)
      : first === MINUS || isDigit(first)
        ? scanNumber(bytes, at, spans, nth)
        : scanWord(bytes, at, spans, nth);
  spans.starts[nth] = at;
  spans.ends[nth] = end;
  return end;
}

function scanWord(bytes: Uint8Array, at: number, spans: ImageSpans, nth: number): number {
  for (const [word, its] of words) {
    const end = skipLiteral(bytes, at, word);
    if (end < 0) continue;
    spans.forms[nth] = its;
    return end;
  }
  return -1;
}

function scanNumber(bytes: Uint8Array, at: number, spans: ImageSpans, nth: number): number {
  const end = skipInteger(bytes, at);
  const next = end < 0 || end >= bytes.length ? 0 : bytes[end]!;
  const isInteger = next !== DOT && (next | 0x20) !== 0x65;
  spans.forms[nth] = isInteger ? form.integer : form.number;
  return isInteger ? end : skipNumber(bytes, at);
}

/** Of a byte in a text: nothing to do, or one of these. */
const PAST_ASCII = 1;
const ENDS = 2;
const ESCAPES = 3;
const IS_CONTROL = 4;
const meaning = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20
    ? IS_CONTROL
    : byte >= 0x80
      ? PAST_ASCII
      : byte === QUOTE
        ? ENDS
        : byte === BACKSLASH
          ? ESCAPES
          : 0,
);

/** Most of the time of a scan is spent here: one look into a table for each byte is the least that was found. */
function scanText(bytes: Uint8Array, at: number, spans: ImageSpans, nth: number): number {
  let its: number = form.text;
  for (at += 1; at < bytes.length; at += 1) {
    const what = meaning[bytes[at]!]!;
    if (what === 0) continue;
    if (what === PAST_ASCII) its |= form.pastAscii;
    else if (what === ENDS) {
      spans.forms[nth] = its;
      return at + 1;
    } else if (what === ESCAPES) {
      const past = skipEscape(bytes, at);
      if (past < 0) return -1;
      its |= past === at + 2 ? form.escaped : form.numbered;
      at = past - 1;
    } else return -1;
  }
  return -1;
}
