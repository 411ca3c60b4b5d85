import Redis from 'ioredis';
import { mongo } from 'mongoose';
import type { TableSettings } from '@tributary/sync-config';
import { sampleTables } from '@tributary/gh-archive';
import type { Pipeline } from './pipeline';
import type { TableCounts } from '@tributary/gh-archive';

export const targetNames = ['MongoDB', 'Redis'] as const;
export type TargetName = (typeof targetNames)[number];

/** What the demo asks of a target, by the application's means alone: it knows nothing of how rows get there. */
export interface Target {
  readonly name: TargetName;
  counts(): Promise<TableCounts>;
  /** Which of these users are there. */
  usersPresent(userIds: readonly string[]): Promise<string[]>;
  close(): Promise<void>;
}

/** Connects to both targets with drivers of the demo's own. */
export async function openTargets({ servers, config }: Pipeline): Promise<Target[]> {
  const settingsOf = (table: keyof typeof sampleTables): TableSettings => {
    const settings = config.table(sampleTables[table].name);
    if (!settings) throw new Error(`The sync file has no entry for ${sampleTables[table].name}.`);
    return settings;
  };
  const tables = { users: settingsOf('users'), repositories: settingsOf('repositories') };
  return [await mongoTarget(servers.MONGODB_URI, tables), redisTarget(servers.REDIS_URL, tables)];
}

/** Only a MongoDB that the user named can hold rows already: the demo's own servers are fresh. */
export async function refuseForeignRows(targets: readonly Target[]): Promise<void> {
  for (const target of targets) {
    const { users, repositories } = await target.counts();
    if (users + repositories > 0)
      throw new Error(
        `${target.name} already holds ${users + repositories} rows in the demo's place (database github_data): the demo deletes no rows that it did not write. Drop that database, or unset MONGODB_URI.`,
      );
  }
}

type Tables = Readonly<Record<keyof typeof sampleTables, TableSettings>>;

async function mongoTarget(uri: string, tables: Tables): Promise<Target> {
  const client = await new mongo.MongoClient(uri).connect();
  const collection = ({ mongo: { database, collection: name } }: TableSettings) =>
    client.db(database).collection<{ _id: mongo.Long }>(name);
  return {
    name: 'MongoDB',
    counts: async () => ({
      users: await collection(tables.users).estimatedDocumentCount(),
      repositories: await collection(tables.repositories).estimatedDocumentCount(),
    }),
    usersPresent: async (userIds) => {
      const found = collection(tables.users).find(
        { _id: { $in: userIds.map((id) => mongo.Long.fromString(id)) } },
        { projection: { _id: 1 }, promoteLongs: false },
      );
      return (await found.toArray()).map(({ _id }) => _id.toString());
    },
    close: () => client.close(),
  };
}

function redisTarget(url: string, tables: Tables): Target {
  const redis = new Redis(url);
  // What fails reaches the caller by the command; without a listener ioredis prints every try to reconnect.
  redis.on('error', () => undefined);
  const { redis: users } = tables.users;
  const keyOf = (id: string) =>
    (users.key ?? `${tables.users.database}:${tables.users.name}:{user_id}`).replace('{user_id}', id);
  return {
    name: 'Redis',
    counts: async () => ({
      users: await redis.scard(users.index),
      repositories: await redis.scard(tables.repositories.redis.index),
    }),
    usersPresent: async (userIds) => {
      const each = await Promise.all(userIds.map((id) => redis.exists(keyOf(id))));
      return userIds.filter((_, at) => each[at]);
    },
    close: async () => redis.disconnect(),
  };
}
