import { keyColumns, type RowSchema } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import { mongoMapper } from '../../mapping';
import { idTypesOf, typesOf, type BsonType, type BsonTypes } from '../../mapping/mongo-types';
import { perSchema } from '../../mapping/per-schema';

/** What the documents of a collection hold: the types of each field, and the fields that all of them have. */
export interface DocumentShape {
  readonly fields: ReadonlyMap<string, BsonTypes>;
  readonly required: ReadonlySet<string>;
}

/** The shape of every document that the mapping makes of a row of this schema, without `_sync`. */
export const documentShape = perSchema((schema, settings): DocumentShape => {
  const { fields: names } = mongoMapper(schema, settings);
  const fields = new Map<string, BsonTypes>([['_id', idTypes(schema, settings)]]);
  schema.columns.forEach((column, at) => {
    const name = names[at]!;
    if (name !== '_id' && describable(name)) fields.set(name, typesOf(column, settings.mongo.temporal));
  });
  return { fields, required: new Set(fields.keys()) };
});

/** `$jsonSchema` reads a dot as a way into a sub-document, and a dollar at the beginning as an operator. */
const describable = (name: string) => !name.includes('.') && !name.startsWith('$');

function idTypes(schema: RowSchema, { mongo }: TableSettings): BsonTypes {
  const [first, ...others] = keyColumns(schema);
  if (others.length === 0) return idTypesOf(first!, mongo.temporal);
  return mongo.id === 'document' ? ['object'] : ['string'];
}

/** The narrowest shape that documents of both have. */
export function unionOf(one: DocumentShape, other: DocumentShape): DocumentShape {
  const fields = new Map(one.fields);
  for (const [name, types] of other.fields) {
    const held = fields.get(name);
    fields.set(name, held === undefined ? types : bothTypes(held, types));
  }
  return { fields, required: new Set([...one.required].filter((name) => other.required.has(name))) };
}

/** Whether every document of `narrow` has the shape `wide`. */
export function covers(wide: DocumentShape, narrow: DocumentShape): boolean {
  for (const name of wide.required) if (!narrow.required.has(name)) return false;
  for (const [name, types] of narrow.fields) {
    const allowed = wide.fields.get(name);
    if (allowed === undefined || allowed === 'any') continue;
    if (types === 'any' || types.some((type) => !allowed.includes(type))) return false;
  }
  return true;
}

export const sameShape = (one: DocumentShape, other: DocumentShape): boolean =>
  one.fields.size === other.fields.size &&
  [...one.fields.keys()].every((name) => other.fields.has(name)) &&
  covers(one, other) &&
  covers(other, one);

function bothTypes(one: BsonTypes, other: BsonTypes): BsonTypes {
  if (one === 'any' || other === 'any') return 'any';
  return [...new Set<BsonType>([...one, ...other])];
}
