import type { RowSchema, Version } from '@tributary/change-event';
import type { TableSettings } from '@tributary/sync-config';
import type { ChainableCommander, Redis } from 'ioredis';
import { redisKeysOfMember, type RedisKeys } from '../mapping';
import { redisTrouble } from './redis-error';

const BATCH = 500;

/**
 * Walks a table's index set and yields, batch by batch, the rows whose version is below the floor. Keys that hold no
 * version of ours are left out: nobody knows whose they are.
 */
export async function* rowsBelow(
  redis: Redis,
  table: TableSettings,
  schema: RowSchema,
  floor: Version,
): AsyncGenerator<RedisKeys[]> {
  const keysOf = redisKeysOfMember(schema, table);
  const layout = layouts[table.redis.as];
  try {
    const pages = redis.sscanStream(table.redis.index, { count: BATCH }) as AsyncIterable<string[]>;
    for await (const members of pages)
      for (let at = 0; at < members.length; at += BATCH) {
        const rows = members.slice(at, at + BATCH).flatMap(keysOf);
        const pipeline = redis.pipeline();
        for (const { key } of rows) layout.read(pipeline, key);
        const replies = (await pipeline.exec()) ?? [];
        yield rows.filter((_row, nth) => {
          const [error, reply] = replies[nth]!;
          if (error && !error.message.startsWith('WRONGTYPE')) throw error;
          const version = error ? undefined : layout.version(reply as string | null);
          return version !== undefined && version < floor;
        });
      }
  } catch (error) {
    // No set of ours: rows of this table are refused for the same reason, and none can have been written.
    if ((error as Error).message?.startsWith('WRONGTYPE')) return;
    throw redisTrouble(error);
  }
}

interface VersionLayout {
  read(pipeline: ChainableCommander, key: string): void;
  version(reply: string | null): Version | undefined;
}

const asVersion = (text: string | null | undefined) =>
  text !== null && text !== undefined && /^\d{19}$/.test(text) ? text : undefined;

/** Where each layout keeps a row's version (see scripts/). */
const layouts: Record<TableSettings['redis']['as'], VersionLayout> = {
  hash: { read: (pipeline, key) => pipeline.hget(key, '_v'), version: asVersion },
  fields: { read: (pipeline, key) => pipeline.get(`${key}:_v`), version: asVersion },
  json: {
    read: (pipeline, key) => pipeline.getrange(key, 0, 26),
    version: (reply) => asVersion(/^{"_v":"(\d+)"$/.exec(reply ?? '')?.[1]),
  },
};
