/** Comparisons of raw BSON documents without taking them apart: what makes verifying a large table fast. */

const NAME = Buffer.from('_id\0', 'latin1');
/** Where the first element's value begins: after the length, the type and the name. */
const VALUE = 4 + 1 + NAME.length;

/**
 * Type and bytes of the `_id` as a text that finds the document of an expected one; `undefined` when the first field
 * is another, or of a type that no mapping makes.
 */
export function rawId(document: Buffer): string | undefined {
  const length = rawIdLength(document);
  return length === undefined ? undefined : document.toString('latin1', 4, VALUE + length);
}

/** Where the `_id`'s value stands; `undefined` as with `rawId`. */
export function rawIdField(document: Buffer): { readonly type: number; readonly bytes: Buffer } | undefined {
  const length = rawIdLength(document);
  return length === undefined
    ? undefined
    : { type: document[4]!, bytes: document.subarray(VALUE, VALUE + length) };
}

function rawIdLength(document: Buffer): number | undefined {
  return isFirstId(document) ? valueLength(document, document[4]!, VALUE) : undefined;
}

const isFirstId = (document: Buffer) => standsAt(NAME, document, 5);

/** Length of a value of the types that mappings make. */
function valueLength(document: Buffer, type: number, at: number): number | undefined {
  switch (type) {
    case 0x0a: // null
      return 0;
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
      return 4 + document.readInt32LE(at);
    case 0x03: // document
    case 0x04: // array
      return document.readInt32LE(at);
    case 0x05: // binary
      return 5 + document.readInt32LE(at);
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

/** The names of fields as they stand in a document. */
export const rawNames = (names: readonly string[]): Buffer[] =>
  names.map((name) => Buffer.from(`${name}\0`, 'utf8'));

/**
 * The bytes of a document's fields without `_sync`, where the document has exactly these fields in this order and ends as the sink
 * ends it; `undefined` for any other.
 */
export function fieldBytes(document: Buffer, names: readonly Buffer[]): Buffer | undefined {
  const end = document.length - SYNC_LENGTH;
  let at = 4;
  for (const name of names) {
    if (at >= end || !standsAt(name, document, at + 1)) return undefined;
    const from = at + 1 + name.length;
    const length = valueLength(document, document[at]!, from);
    if (length === undefined) return undefined;
    at = from + length;
  }
  return at === end && endsWithSync(document, end) ? document.subarray(4, end) : undefined;
}

/** Names are short: a call of `compare` takes longer than the loop. */
function standsAt(name: Buffer, document: Buffer, at: number): boolean {
  for (let byte = 0; byte < name.length; byte += 1) if (name[byte] !== document[at + byte]) return false;
  return true;
}
