/** Comparisons of raw BSON documents without taking them apart: what makes verifying a large table fast. */

const NAME = Buffer.from('_id\0', 'latin1');
/** Where the first element's value begins: after the length, the type and the name. */
const VALUE = 4 + 1 + NAME.length;

/**
 * Type and bytes of the `_id` as a text that finds the document of an expected one; `undefined` when the first field
 * is another, or of a type that no mapping makes.
 */
export function rawId(document: Buffer): string | undefined {
  if (!document.subarray(5, VALUE).equals(NAME)) return undefined;
  const length = valueLength(document);
  return length === undefined ? undefined : document.toString('latin1', 4, VALUE + length);
}

function valueLength(document: Buffer): number | undefined {
  switch (document[4]!) {
    case 0x01: // double
    case 0x09: // date
    case 0x12: // 64-bit integer
      return 8;
    case 0x10: // 32-bit integer
      return 4;
    case 0x08: // boolean
      return 1;
    case 0x13: // decimal128
      return 16;
    case 0x02: // string
      return 4 + document.readInt32LE(VALUE);
    case 0x03: // document
      return document.readInt32LE(VALUE);
    case 0x05: // binary
      return 5 + document.readInt32LE(VALUE);
    default:
      return undefined;
  }
}

/** How the sink ends each document: `_sync: { v: Long, at: Date }` and the closing byte. */
const SYNC_HEAD = Buffer.from('\x03_sync\0\x1c\0\0\0', 'latin1');
const SYNC_LENGTH = SYNC_HEAD.length - 4 + 0x1c + 1;

/** Whether two documents that both end as the sink ends them are the same, byte for byte, but for `_sync`. */
export function sameButSync(a: Buffer, b: Buffer): boolean {
  if (a.length !== b.length) return false;
  const end = a.length - SYNC_LENGTH;
  return (
    end >= 0 &&
    a.compare(b, 0, end + SYNC_HEAD.length, 0, end + SYNC_HEAD.length) === 0 &&
    endsWithSync(a, end)
  );
}

const endsWithSync = (document: Buffer, at: number) =>
  document.compare(SYNC_HEAD, 0, SYNC_HEAD.length, at, at + SYNC_HEAD.length) === 0;
