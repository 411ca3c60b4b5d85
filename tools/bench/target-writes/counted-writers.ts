import { connectMongo, connectRedis, MongoWriter, RedisWriter, type TargetWriter } from '@tributary/targets';
import { DATABASE } from './changes';

export interface CountedWriter {
  readonly writer: TargetWriter;
  /** Commands of the server since the last call, by name; those within scripts are counted too. */
  commands(): Promise<Map<string, number>>;
  /** Removes what was written. */
  close(): Promise<void>;
}

/** A writer of the server at `url`; `counting` costs time of its own. */
export function openWriter(url: string, counting: boolean): Promise<CountedWriter> {
  return url.startsWith('mongodb') ? mongoWriter(url, counting) : redisWriter(url);
}

async function mongoWriter(url: string, counting: boolean): Promise<CountedWriter> {
  const monitored = new URL(url);
  if (counting) monitored.searchParams.set('monitorCommands', 'true');
  const connection = await connectMongo(monitored.toString());
  let counts = new Map<string, number>();
  connection.getClient().on('commandStarted', ({ commandName }) => {
    counts.set(commandName, (counts.get(commandName) ?? 0) + 1);
  });
  return {
    writer: new MongoWriter(connection),
    async commands() {
      const found = counts;
      counts = new Map();
      return found;
    },
    async close() {
      await connection.getClient().db(DATABASE).dropDatabase();
      await connection.close();
    },
  };
}

/** The server's own statistics: nobody else should use it meanwhile. */
async function redisWriter(url: string): Promise<CountedWriter> {
  const redis = await connectRedis(url, () => undefined);
  const own = new Set(['config|resetstat', 'info', 'hello', 'client|setname', 'client|setinfo', 'select']);
  return {
    writer: new RedisWriter(redis),
    async commands() {
      const stats = await redis.info('commandstats');
      await redis.config('RESETSTAT');
      const found = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
      return new Map(
        found.flatMap(([, name, calls]) => (own.has(name!) ? [] : [[name!, Number(calls)] as const])),
      );
    },
    async close() {
      for (const pattern of [`${DATABASE}:*`, `tributary:*:${DATABASE}:*`])
        for await (const keys of redis.scanStream({ match: pattern, count: 1000 }))
          if ((keys as string[]).length > 0) await redis.del(...(keys as string[]));
      redis.disconnect();
    },
  };
}
