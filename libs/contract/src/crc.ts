import { crc32 } from 'node:zlib';
import { byteText, memberRanges, memberTexts } from './json-span';
import type { Image } from './large-row';

const images = ['before', 'after'] as const;
/** A string of this size is too much to be made beside the bytes only to walk through it. */
const LARGE_BYTES = 1 << 20;

/** CRC-32 (lower-case hex, 8 digits) over the UTF-8 bytes of the `before` and `after` texts, one after the other. */
export function imagesCrc(before: string, after: Image): string {
  const start = crc32(before);
  return hex(
    typeof after === 'string' ? crc32(after, start) : after.reduce((crc, piece) => crc32(piece, crc), start),
  );
}

const NULL_CRC = crc32('null');

/**
 * The same where the value has been written already, and its `after` image stands between these bytes of it: a third of the
 * time, since a text is encoded and copied again to be summed.
 */
export function writtenImagesCrc(before: string, value: Buffer, start: number, end: number): string {
  return hex(crc32(value.subarray(start, end), before === 'null' ? NULL_CRC : crc32(before)));
}

/** The CRC of a message value, which must be a JSON object that parses. An absent image counts as no bytes. */
export function valueCrc(value: string): string {
  const texts = memberTexts(value, images);
  return imagesCrc(texts['before'] ?? '', texts['after'] ?? '');
}

/**
 * `valueCrc` of the message's bytes, which must be UTF-8 JSON that parses to an object: twice as fast, since the
 * images are not encoded again. Throws a RangeError when the value nests deeper than `maxDepth`.
 */
export function bytesCrc(value: Buffer, maxDepth?: number): string {
  const text = value.length < LARGE_BYTES ? value.toString('latin1') : byteText(value);
  const ranges = memberRanges(text, images, maxDepth);
  return hex(
    ranges.reduce((crc, range) => (range ? crc32(value.subarray(range[0], range[1]), crc) : crc), 0),
  );
}

const hex = (crc: number) => crc.toString(16).padStart(8, '0');

/** Compares as numbers, so that a header without leading zeros is as good. */
export function sameCrc(a: string, b: string | undefined): boolean {
  return b === a || (b !== undefined && /^[0-9a-f]{1,8}$/.test(b) && parseInt(a, 16) === parseInt(b, 16));
}
