import type Redis from 'ioredis';
import type { FaultTable } from './tables';

interface Layout {
  /** The keys that a row may have. */
  keys(key: string, fields: readonly string[]): string[];
  /** The fields that are there, `_v` included, with their texts. */
  read(redis: Redis, key: string, fields: readonly string[]): Promise<Readonly<Record<string, Buffer>>>;
}

const isRow = (entry: readonly [string, Buffer | null]): entry is [string, Buffer] => entry[1] !== null;

/** How a row lies in Redis, by the layout of its table, read by plain commands. */
export const layouts: Record<NonNullable<FaultTable['layout']>, Layout> = {
  hash: {
    keys: (key) => [key],
    read: (redis, key) => redis.hgetallBuffer(key),
  },
  json: {
    keys: (key) => [key],
    read: async (redis, key) => {
      const row = JSON.parse((await redis.get(key)) ?? '{}') as Record<string, unknown>;
      return Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          // A number that stands there as a text keeps its quotes, so that it differs.
          Buffer.from(typeof value === 'string' && !/^-?\d+$/.test(value) ? value : JSON.stringify(value)),
        ]),
      );
    },
  },
  fields: {
    keys: (key, fields) => [...fields, '_v'].map((field) => `${key}:${field}`),
    read: async (redis, key, fields) => {
      const names = [...fields, '_v'];
      const values = await redis.mgetBuffer(names.map((name) => `${key}:${name}`));
      return Object.fromEntries(names.map((name, at) => [name, values[at] ?? null] as const).filter(isRow));
    },
  },
};
