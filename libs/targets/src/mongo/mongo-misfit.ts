import { mongoMapper } from '../mapping';
import { perSchema } from '../mapping/per-schema';
import { judged, type Misfit } from '../sink/table-fitness';

/** The key columns of a table make no `_id` of `mongo.id: document`. */
export const MONGO_ID = 'MONGO_ID';

/** Judged once per schema and settings. */
export const mongoMisfit = perSchema((schema, settings): Misfit | null =>
  judged(settings, () => {
    const { key } = schema;
    if (settings.mongo.id === 'document' && key.length > 1) {
      const fault = idFault(key);
      if (fault !== undefined)
        return {
          ...{ code: MONGO_ID, reason: `mongo.id of ${settings.table} is document, but ${fault}.` },
          remedy: `Say mongo.id: scalar for ${settings.table}, or rename the column (columns.rename), and start the sinks again.`,
        };
    }
    mongoMapper(schema, settings);
    return null;
  }),
);

/** Names of key columns with which a document is no `_id` that can be asked for, or is not read back as it was written. */
function idFault(key: readonly string[]): string | undefined {
  const operator = key.find((field) => field.startsWith('$'));
  if (operator !== undefined) return `MongoDB takes the key column ${operator} for an operator`;
  if (key.includes('_bsontype')) return 'the key column _bsontype is read as the type of a value';
  // The driver hands documents back as objects, which put such names first.
  const read = Object.keys(Object.fromEntries(key.map((field) => [field, 0])));
  const moved = key.find((field, at) => read.indexOf(field) < at);
  return moved && `key columns that are called like numbers change their order (${moved})`;
}
