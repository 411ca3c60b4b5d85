import {
  BACKSLASH,
  CLOSE_BRACE,
  form,
  isDigit,
  literal,
  MINUS,
  QUOTE,
  skipLiteral,
  skipNumber,
} from '@tributary/contract';
import type { ByteCheck } from './byte-checks';

const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const words = ['null', 'true', 'false'].map(literal);

/** What is open is kept as the bits of one number. */
const MAX_DEPTH = 30;

/**
 * JSON text as it stands in a JSON string, with each of its quotes behind a backslash; of white space it knows blanks. No
 * text is made and parsed. What is rare is left open: escapes by number, other white space, more than 30 levels.
 */
export const jsonBytes: ByteCheck = (bytes, start, end, its) => {
  if (its < form.text || (its & form.numbered) !== 0) return false;
  let depth = 0;
  /** From the innermost on: 1 for an array, 0 for an object. */
  let arrays = 0;
  let at = skipBlanks(bytes, start + 1);
  for (;;) {
    // A value, or an object or array of which the first value is then looked for.
    const first = bytes[at];
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      if (depth === MAX_DEPTH) return false;
      depth += 1;
      arrays = (arrays << 1) | (first === OPEN_BRACKET ? 1 : 0);
      at = skipBlanks(bytes, at + 1);
      if (bytes[at] !== (first === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET)) {
        if (first === OPEN_BRACE) at = skipName(bytes, at);
        if (at < 0) return false;
        continue;
      }
    } else {
      at = skipScalar(bytes, at);
      if (at < 0) return false;
      at = skipBlanks(bytes, at);
    }
    while (depth > 0 && bytes[at] === (arrays & 1 ? CLOSE_BRACKET : CLOSE_BRACE)) {
      depth -= 1;
      arrays >>= 1;
      at = skipBlanks(bytes, at + 1);
    }
    if (depth === 0) return at === end - 1;
    if (bytes[at] !== COMMA) return false;
    at = skipBlanks(bytes, at + 1);
    if ((arrays & 1) === 0) at = skipName(bytes, at);
    if (at < 0) return false;
  }
};

function skipBlanks(bytes: Uint8Array, at: number): number {
  while (bytes[at] === SPACE) at += 1;
  return at;
}

/** A member's name and its colon. */
function skipName(bytes: Uint8Array, at: number): number {
  at = skipInnerText(bytes, at);
  if (at < 0) return -1;
  at = skipBlanks(bytes, at);
  return bytes[at] === COLON ? skipBlanks(bytes, at + 1) : -1;
}

function skipScalar(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === BACKSLASH) return skipInnerText(bytes, at);
  if (first === MINUS || isDigit(first)) return skipNumber(bytes, at);
  for (const word of words) {
    const end = skipLiteral(bytes, at, word);
    if (end >= 0) return end;
  }
  return -1;
}

/** A text between `\"` and `\"`. The string around it is well-formed, so a byte stands behind every backslash. */
function skipInnerText(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== BACKSLASH || bytes[at + 1] !== QUOTE) return -1;
  at += 2;
  while (at > 0 && bytes[at] !== QUOTE) {
    if (bytes[at] !== BACKSLASH) at += 1;
    else if (bytes[at + 1] === QUOTE) return at + 2;
    else at = bytes[at + 1] === BACKSLASH ? skipInnerEscape(bytes, at + 2) : -1;
  }
  return -1;
}

/** What stands behind the inner text's own backslash. */
function skipInnerEscape(bytes: Uint8Array, at: number): number {
  if (isLetterEscape[bytes[at]!] === 1) return at + 1;
  const quoted = bytes[at] === BACKSLASH && (bytes[at + 1] === QUOTE || bytes[at + 1] === BACKSLASH);
  return quoted ? at + 2 : -1;
}

const isLetterEscape = new Uint8Array(256);
for (const letter of 'bfnrt/') isLetterEscape[letter.charCodeAt(0)] = 1;
