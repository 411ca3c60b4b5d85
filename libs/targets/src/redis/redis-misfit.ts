import { SyncError } from '@tributary/kernel';
import { redisKeyOf, redisMapper } from '../mapping';
import { perSchema } from '../mapping/per-schema';
import { judged, type Misfit } from '../sink/table-fitness';

/** The key of a table does not fit its `redis.key`. */
export const REDIS_KEY = 'REDIS_KEY';

/** Judged once per schema and settings. */
export const redisMisfit = perSchema((schema, settings): Misfit | null =>
  judged(settings, () => {
    try {
      redisKeyOf(schema, settings);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      return {
        ...{ code: REDIS_KEY, reason: error.message },
        remedy: `Name all key columns of ${settings.table} in its redis.key, or leave redis.key out, and start the sinks again; or give the table its former key back.`,
      };
    }
    redisMapper(schema, settings);
    return null;
  }),
);
