import { type RowSchema } from '@tributary/contract';
import { SyncError } from '@tributary/kernel';
import type { TableSettings } from '@tributary/sync-config';
import { mongoMapper, redisKeyOf, redisMapper } from '../mapping';
import { perSchema } from '../mapping/per-schema';
import type { PlaceTarget } from '../places/place';

/** Why a table of this schema cannot be written to a target with the settings of the sync file. */
export interface Misfit {
  readonly code: 'REDIS_KEY' | 'MONGO_ID' | 'MAPPING';
  readonly reason: string;
  readonly remedy: string;
}

/** All codes: what a schema or a sync file that fits lifts again. */
export const misfitCodes: readonly Misfit['code'][] = ['REDIS_KEY', 'MONGO_ID', 'MAPPING'];

/** `undefined`: the table fits. Judged once per schema and settings, and never throws. */
export const misfitOf = (
  target: PlaceTarget,
  settings: TableSettings,
  schema: RowSchema,
): Misfit | undefined => (target === 'redis' ? redisMisfit : mongoMisfit)(schema, settings) ?? undefined;

/** `undefined`: the target can hold no row of that schema, or of that key, as those of dead letters may be. */
export function namedBy<N>(
  target: PlaceTarget,
  { table, schema }: { readonly table: TableSettings; readonly schema: RowSchema },
  name: () => N,
): N | undefined {
  if (misfitOf(target, table, schema)) return undefined;
  try {
    return name();
  } catch {
    return undefined;
  }
}

const redisMisfit = perSchema((schema, settings): Misfit | null =>
  judged(settings, () => {
    try {
      redisKeyOf(schema, settings);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      return {
        ...{ code: 'REDIS_KEY', reason: error.message },
        remedy: `Name all key columns of ${settings.table} in its redis.key, or leave redis.key out, and start the sinks again; or give the table its former key back.`,
      };
    }
    redisMapper(schema, settings);
    return null;
  }),
);

const mongoMisfit = perSchema((schema, settings): Misfit | null =>
  judged(settings, () => {
    const { key } = schema;
    if (settings.mongo.id === 'document' && key.length > 1) {
      const fault = idFault(key);
      if (fault !== undefined)
        return {
          ...{ code: 'MONGO_ID', reason: `mongo.id of ${settings.table} is document, but ${fault}.` },
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

function judged(settings: TableSettings, judge: () => Misfit | null): Misfit | null {
  try {
    return judge();
  } catch (error) {
    return {
      ...{
        code: 'MAPPING',
        reason: `rows of ${settings.table} cannot be mapped: ${(error as Error).message}.`,
      },
      remedy:
        'See its columns with "tributary config check", and leave out what cannot be mapped (columns.exclude).',
    };
  }
}
