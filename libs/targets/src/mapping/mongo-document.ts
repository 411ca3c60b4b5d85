import { keyColumns, rowKeyText, type RowSchema, type Version, type WireRow } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import { versionLong } from './exact-number';
import { perSchema } from './per-schema';
import { toMongo, toMongoId, type MongoScalar, type ToMongo } from './mongo-value';
import { targetFields } from './target-field';
import { UnmappableError } from './unmappable';

/** A document for the driver; a Map where a plain object could not carry the field names. */
export type MongoDocument = Record<string, unknown> | Map<string, unknown>;
export type MongoId = MongoScalar | Map<string, unknown>;

export interface MongoMapper {
  id(key: WireRow): MongoId;
  /** Without an id: the same document for a replacement whose filter names the `_id`. */
  document(id: MongoId | undefined, row: WireRow, version: Version, at: Date): MongoDocument;
  /** Whether a field name begins with `$`: such a document cannot be a replacement (it would be read as operators). */
  readonly dollarFields: boolean;
  readonly fields: readonly string[];
}

const reservedFields = new Set(['_id', '_sync']);

/** The mapper of a table's rows into documents, compiled once per schema and settings. */
export const mongoMapper = perSchema((schema, settings): MongoMapper => {
  const fields = mongoFields(schema);
  return {
    id: compileId(schema, settings),
    document: compileDocument(schema, settings, fields),
    dollarFields: fields.some((field) => field.startsWith('$')),
    fields,
  };
});

/** The document of a row (docs/type-mapping.md): `_id`, one field per column, `_sync`. Throws an UnmappableError. */
export function mongoDocument(
  schema: RowSchema,
  settings: TableSettings,
  row: WireRow,
  version: Version,
  at: Date,
): MongoDocument {
  const mapper = mongoMapper(schema, settings);
  return mapper.document(mapper.id(row), row, version, at);
}

/** The `_id` of a row: the key value in its mapped type; of a composite key `v1:v2` or a sub-document. */
export function mongoId(schema: RowSchema, settings: TableSettings, key: WireRow): MongoId {
  return mongoMapper(schema, settings).id(key);
}

/** A column called `_id` that is the whole key is the `_id` itself and gets no second field. */
function mongoFields(schema: RowSchema): string[] {
  const names = targetFields(schema, reservedFields);
  const isId = schema.key.length === 1 && schema.key[0] === '_id';
  return isId ? names.map((name, at) => (schema.columns[at]!.field === '_id' ? '_id' : name)) : names;
}

function compileId(schema: RowSchema, { mongo }: TableSettings): MongoMapper['id'] {
  const columns = keyColumns(schema);
  const parts = columns.map((column) => ({ field: column.field, to: toMongoId(column, mongo.temporal) }));
  if (parts.length === 1) {
    const [{ field, to }] = parts as [{ field: string; to: ToMongo }];
    return (key) => to(present(key, field)) as MongoScalar;
  }
  if (mongo.id === 'document')
    return (key) => new Map(parts.map(({ field, to }) => [field, to(present(key, field))]));
  return (key) => rowKeyText(columns, key);
}

function present(key: WireRow, field: string) {
  const value = key[field];
  if (value === null || value === undefined)
    throw new UnmappableError(`the key column ${field} has no value`);
  return value;
}

/** Names that a plain object would reorder (array indexes), swallow (`__proto__`) or that the serializer gives a meaning. */
const awkward = (field: string) =>
  /^\d+$/.test(field) || field === '__proto__' || field === '_bsontype' || field === 'toBSON';

function compileDocument(schema: RowSchema, { mongo }: TableSettings, names: readonly string[]) {
  const parts = schema.columns
    .map((column, at) => ({ from: column.field, name: names[at]!, to: toMongo(column, mongo.temporal) }))
    .filter(({ name }) => name !== '_id');
  const valueOf = (row: WireRow, from: string, to: ToMongo) => {
    const value = row[from];
    if (value === undefined) throw new UnmappableError(`the row image lacks the column ${from}`);
    return value === null ? null : to(value);
  };
  const sync = (version: Version, at: Date) => ({ v: versionLong(version), at });
  if (names.some(awkward))
    return (id: MongoId | undefined, row: WireRow, version: Version, at: Date): MongoDocument => {
      const document = new Map<string, unknown>(id === undefined ? [] : [['_id', id]]);
      for (const { from, name, to } of parts) document.set(name, valueOf(row, from, to));
      return document.set('_sync', sync(version, at));
    };
  return (id: MongoId | undefined, row: WireRow, version: Version, at: Date): MongoDocument => {
    const document: Record<string, unknown> = id === undefined ? {} : { _id: id };
    for (const { from, name, to } of parts) document[name] = valueOf(row, from, to);
    document['_sync'] = sync(version, at);
    return document;
  };
}
