import { plainNumber } from '../../mapping';
import { mongo } from 'mongoose';
import { documentBytes } from '../document-bytes';
import { shownPair, type ColumnDifference } from '../../target-view';

const { BSON } = mongo;

/** One field of a raw document: its BSON type and its value's bytes. */
export interface Field {
  readonly type: number;
  readonly bytes: Buffer;
}

/** The fields of a raw BSON document by name. */
export function fieldsOf(document: Uint8Array): Map<string, Field> {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const fields = new Map<string, Field>();
  for (const [type, nameAt, nameLength, at, length] of BSON.onDemand.parseToElements(bytes))
    fields.set(bytes.toString('utf8', nameAt, nameAt + nameLength), {
      type,
      bytes: bytes.subarray(at, at + length),
    });
  return fields;
}

/** The same for a document that the mapping made. */
export const fieldsOfExpected = (document: object) => fieldsOf(documentBytes(document));

/** What the sink writes beside the columns. */
const bookkeeping = '_sync';

/**
 * Compares documents field by field as BSON: type and bytes, so Int32 is not Long, and `1.1` is not `1.10`. The
 * order of the fields does not count, the order inside a value does.
 */
export function fieldDifferences(
  source: ReadonlyMap<string, Field>,
  target: ReadonlyMap<string, Field>,
): ColumnDifference[] {
  const differing: ColumnDifference[] = [];
  for (const [name, left] of source) {
    const right = target.get(name);
    if (name === bookkeeping || (right && sameField(left, right))) continue;
    differing.push({ column: name, ...shownPair(fieldText(left), right && fieldText(right)) });
  }
  for (const [name, right] of target)
    if (!source.has(name) && name !== bookkeeping)
      differing.push({ column: name, ...shownPair(undefined, fieldText(right)) });
  return differing;
}

const sameField = (a: Field, b: Field) => a.type === b.type && a.bytes.equals(b.bytes);

/** A field's value with its exact BSON type kept: a document is built around its bytes to read it. */
export function fieldValue({ type, bytes }: Field): unknown {
  const document = Buffer.alloc(4 + 3 + bytes.length + 1);
  document.writeInt32LE(document.length, 0);
  document[4] = type;
  document.write('v\0', 5, 'latin1');
  bytes.copy(document, 7);
  return BSON.deserialize(document, { promoteValues: false, promoteBuffers: false, promoteLongs: false })[
    'v'
  ];
}

function fieldText(field: Field): string {
  try {
    return bsonText(fieldValue(field));
  } catch {
    // A member called `_bsontype` makes the library take a plain object for a type of its own.
    return `BSON type ${field.type}, 0x${field.bytes.toString('hex')}`;
  }
}

/** Canonical extended JSON, which names every type that plain JSON has not. */
export const bsonText = (value: unknown): string => BSON.EJSON.stringify(value, { relaxed: false });

const NUMBERS = new Set([0x01, 0x10, 0x12, 0x13]);

/** Equal texts for what MongoDB takes for the same `_id`: numbers of any type by value, the rest by type and bytes. */
export function idIdentity(field: Field): string {
  // Nearly every number is one of these two.
  if (field.type === 0x10) return `n:${field.bytes.readInt32LE()}`;
  if (field.type === 0x12) return `n:${field.bytes.readBigInt64LE()}`;
  if (!NUMBERS.has(field.type)) return `${field.type}:${field.bytes.toString('base64')}`;
  return `n:${plainNumber(String(fieldValue(field)))}`;
}

/** An `_id` as a field of a document. */
export const idField = (id: unknown): Field => fieldsOfExpected(new Map([['_id', id]])).get('_id')!;
