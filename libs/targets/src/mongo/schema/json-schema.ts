import { bsonTypes, type BsonType } from '../../mapping/mongo-types';
import type { DocumentShape } from './document-shape';

/** Marks a validator as one that Tributary made and may change. */
const TITLE = 'Made by Tributary from the columns of the source';

/** The validator of a collection whose documents have this shape, `_sync` included. */
export function validatorOf({ fields, required }: DocumentShape) {
  // A plain object cannot carry every field name: `__proto__`, and `_bsontype`, by which the driver knows its own types.
  const properties = new Map<string, object>();
  for (const [name, types] of fields)
    properties.set(name, types === 'any' ? {} : { bsonType: types.length === 1 ? types[0] : types });
  properties.set('_sync', {
    ...{ bsonType: 'object', required: ['v', 'at'] },
    properties: { v: { bsonType: 'long' }, at: { bsonType: 'date' } },
  });
  return {
    $jsonSchema: {
      ...{ bsonType: 'object', title: TITLE },
      required: [...required, '_sync'],
      properties,
    },
  };
}

/** The shape that a validator of `validatorOf` says; `undefined` for any other validator. */
export function shapeOf(validator: unknown): DocumentShape | undefined {
  const schema = (validator as { $jsonSchema?: Partial<Written> } | undefined)?.$jsonSchema;
  if (schema?.title !== TITLE || !schema.properties || !schema.required) return undefined;
  const fields = Object.entries(schema.properties).filter(([name]) => name !== '_sync');
  return {
    fields: new Map(fields.map(([name, { bsonType }]) => [name, typesOf(bsonType)])),
    required: new Set(schema.required.filter((name) => name !== '_sync')),
  };
}

interface Written {
  readonly title: string;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, { readonly bsonType?: unknown }>>;
}

function typesOf(written: unknown): readonly BsonType[] | 'any' {
  if (written === undefined) return 'any';
  return [written].flat().filter((type): type is BsonType => bsonTypes.includes(type as BsonType));
}
