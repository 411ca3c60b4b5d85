import type { MapperOf } from '../change-mapper';
import { redisKeyOf, redisMapper, type RedisText } from '../mapping';
import { perSchema } from '../mapping/per-schema';

/** A write of one row's keys, as a script takes it. */
export interface CalledRow {
  /** Of its change in the batch. */
  readonly place: number;
  readonly key: string;
  readonly tombstone: string;
  readonly args: RedisText[];
}

/** Where the version of a deleted row is kept, by the key that the row had. */
export const tombstoneKey = (key: string) => `tributary:tombstone:${key}`;

/** One row, one key, or one for each column. */
export const rowKeys: MapperOf<CalledRow> = perSchema((schema, settings) => {
  const keyOf = redisKeyOf(schema, settings);
  const mapper = redisMapper(schema, settings);
  const json = settings.redis.as === 'json';
  return {
    map({ key: rowKey, keyText, version, after }, place, writes) {
      const { key, member } = keyOf(rowKey, keyText);
      const args: RedisText[] = [version, member, ''];
      if (after !== null && json) {
        args[2] = '1';
        args.push(mapper.json(after, version));
      } else if (after !== null) args[2] = mapper.values(after, args);
      writes.push({ place, key, tombstone: tombstoneKey(key), args });
    },
  };
});
