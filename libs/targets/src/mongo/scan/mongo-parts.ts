import type { WireRow } from '@tributary/contract';
import { mongo } from 'mongoose';
import { mongoId, UnmappableError } from '../../mapping';
import type { ViewedTable } from '../../target-view';
import { bsonText, idField } from '../view/bson-compare';

/** Types that MongoDB compares with each other; `{_id: {$gt: 5}}` finds numbers only. */
const classes = [
  { name: 'numbers', types: [0x01, 0x10, 0x12, 0x13] },
  { name: 'texts', types: [0x02] },
  { name: 'dates', types: [0x09] },
  { name: 'bytes', types: [0x05] },
] as const;

type TypeClass = (typeof classes)[number]['name'];

interface Bound {
  readonly id: unknown;
  readonly typeClass: TypeClass | undefined;
  readonly bytes: Buffer;
}

/**
 * The filters, as extended JSON, of ranges of a collection between these keys, and one more for whatever has an `_id` of
 * another type. Every document is in one of them at least, whatever its `_id` is and however the bounds stand: where they
 * are in another order than MongoDB's, ranges overlap. `_id`s that are sub-documents are one part, since not every server of the protocol
 * finds ranges of them by its index.
 */
export function mongoParts(table: ViewedTable, keys: readonly WireRow[]): readonly string[] {
  const all = keys.flatMap((key) => boundOf(table, key) ?? []);
  const typeClass = all[0]?.typeClass;
  if (typeClass === undefined) return [filterText({})];
  const bounds = sorted(
    all.filter((bound) => bound.typeClass === typeClass),
    typeClass,
  ).map(({ id }) => id);
  const [first] = bounds;
  return [
    filterText({ _id: { $lte: first } }),
    ...bounds.map((lower, at) =>
      filterText({ _id: { $gt: lower, ...(at + 1 < bounds.length && { $lte: bounds[at + 1] }) } }),
    ),
    filterText({ $nor: [{ _id: { $lte: first } }, { _id: { $gt: first } }] }),
  ];
}

const filterText = (filter: object) => bsonText(filter);

/** The way back. */
export const filterOf = (part: string): mongo.Filter<mongo.Document> =>
  mongo.BSON.EJSON.parse(part, { relaxed: false }) as mongo.Filter<mongo.Document>;

function boundOf({ schema, settings }: ViewedTable, key: WireRow): Bound | undefined {
  try {
    const id = mongoId(schema, settings, key);
    const { type, bytes } = idField(id);
    const found = classes.find(({ types }) => (types as readonly number[]).includes(type));
    return { id, typeClass: found?.name, bytes };
  } catch (error) {
    if (error instanceof UnmappableError) return undefined;
    throw error;
  }
}

/** In MongoDB's order: numbers and dates have that of the source; bytes begin with their length, and so does their BSON. */
function sorted(bounds: readonly Bound[], typeClass: TypeClass): readonly Bound[] {
  switch (typeClass) {
    case 'numbers':
    case 'dates':
      return bounds;
    case 'texts':
      return [...bounds].sort((a, b) => Buffer.compare(a.bytes.subarray(4), b.bytes.subarray(4)));
    case 'bytes':
      return [...bounds].sort(
        (a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes.subarray(4), b.bytes.subarray(4)),
      );
  }
}
