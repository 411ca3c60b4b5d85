import { crc32 } from 'node:zlib';
import { memberTexts } from './json-span';

/** CRC-32 (lower-case hex, 8 digits) over the UTF-8 bytes of the `before` and `after` texts, one after the other. */
export function imagesCrc(before: string, after: string): string {
  return crc32(after, crc32(before)).toString(16).padStart(8, '0');
}

/** The CRC of a message value, which must be a JSON object that parses. An absent image counts as no bytes. */
export function valueCrc(value: string): string {
  const texts = memberTexts(value, ['before', 'after']);
  return imagesCrc(texts['before'] ?? '', texts['after'] ?? '');
}

/** Compares as numbers, so that a header without leading zeros is as good. */
export function sameCrc(a: string, b: string | undefined): boolean {
  return b !== undefined && /^[0-9a-f]{1,8}$/.test(b) && parseInt(a, 16) === parseInt(b, 16);
}
