/**
 * Finds where top-level members of a JSON object stand in its text, without parsing them again: the CRC is
 * over the bytes "as they stand in the message". The text must already have passed `JSON.parse`.
 */
export interface Spans {
  readonly [member: string]: string;
}

/** First position of a member's value and the position past its last. */
export type Range = readonly [start: number, end: number];

/** What is used of a string. */
export interface JsonText {
  charCodeAt(at: number): number;
  indexOf(character: string, from: number): number;
  slice(start: number, end: number): string;
  readonly length: number;
}

/** Bytes as the string of their latin1 reading, without a copy. */
export const byteText = (bytes: Buffer): JsonText => ({
  charCodeAt: (at) => bytes[at] ?? NaN,
  indexOf: (character, from) => bytes.indexOf(character, from, 'latin1'),
  slice: (start, end) => bytes.toString('latin1', start, end),
  length: bytes.length,
});

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** The texts of the members named, as they stand; of a repeated member the last one, as JSON.parse takes it. */
export function memberTexts(json: string, names: readonly string[]): Spans {
  const texts: Record<string, string> = {};
  memberRanges(json, names).forEach((range, at) => {
    if (range) texts[names[at]!] = json.slice(range[0], range[1]);
  });
  return texts;
}

/**
 * The ranges of the members named, in the order of `names`; `undefined` for a member that is absent. The JSON may
 * be given as the latin1 reading of its UTF-8 bytes, then the ranges are byte positions (names must be ASCII).
 * Throws a RangeError when some member nests deeper than `maxDepth` objects and arrays.
 */
export function memberRanges(
  json: JsonText,
  names: readonly string[],
  maxDepth = Infinity,
): (Range | undefined)[] {
  const found: (Range | undefined)[] = names.map(() => undefined);
  let at = skipSpace(json, 0) + 1; // past {
  for (;;) {
    at = skipSpace(json, at);
    if (json.charCodeAt(at) !== QUOTE) return found; // } of an empty object
    const nameEnd = skipString(json, at);
    const wanted = names.indexOf(memberName(json.slice(at, nameEnd)));
    const start = skipSpace(json, json.indexOf(':', nameEnd) + 1);
    const end = skipValue(json, start, maxDepth);
    if (wanted >= 0) found[wanted] = [start, end];
    at = skipSpace(json, end);
    if (json.charCodeAt(at) !== COMMA) return found;
    at += 1;
  }
}

/** A name may be spelled with escapes (`"\u0061fter"`): JSON.parse reads those, so the CRC must too. */
function memberName(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function skipSpace(json: JsonText, at: number): number {
  while (json.charCodeAt(at) <= 0x20) at += 1;
  return at;
}

/** `at` is on the opening quote; the result is past the closing one. */
function skipString(json: JsonText, at: number): number {
  for (let quote = json.indexOf('"', at + 1); ; quote = json.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (json.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
}

function skipValue(json: JsonText, at: number, maxDepth: number): number {
  const first = json.charCodeAt(at);
  if (first === QUOTE) return skipString(json, at);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipScalar(json, at);
  let depth = 0;
  for (;;) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(json, at);
      continue;
    }
    at += 1;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > maxDepth) throw new RangeError(`JSON nests deeper than ${maxDepth} levels`);
    } else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return at;
  }
}

function skipScalar(json: JsonText, at: number): number {
  for (; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code <= 0x20 || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) return at;
  }
  return at;
}
