import { rowSchema, type Column, type RowSchema } from '@tributary/contract';
import {
  connectMongo,
  connectRedis,
  MongoPlaces,
  MongoPositions,
  MongoSweepNotes,
  MongoWriter,
  RedisPlaces,
  RedisPositions,
  RedisSweepNotes,
  RedisWriter,
  type PlaceStore,
  type PositionStore,
  type TopicIdStore,
  type SweepNoteStore,
  type TargetWriter,
} from '@tributary/targets';
import { oneOf, stackEnv, uniqueName } from '@tributary/testing';

/** A real target behind an address that a test can cut off, and a look at it from the side. */
export interface TestTarget {
  readonly schema: RowSchema;
  readonly writer: TargetWriter;
  positions(group: string): PositionStore & TopicIdStore;
  notes(group: string): SweepNoteStore;
  readonly places: PlaceStore;
  /** The version that it holds of an item; `suffix`: of another table, whose name ends with it. */
  held(id: number, suffix?: string): Promise<{ version: string } | undefined>;
  /** Forgets all that it holds, as after the loss of its disk. */
  wipe(group: string): Promise<void>;
  close(): Promise<void>;
}

const int: Column = {
  name: 'id',
  field: 'id',
  kind: 'int',
  sourceKind: 'int',
  sqlType: 'int',
  nullable: true,
};
const columns: Column[] = [
  int,
  { ...int, name: 'qty', field: 'qty' },
  { ...int, name: 'name', field: 'name', kind: 'text', sourceKind: 'text', length: 50 },
];
const itemsOf = (database: string) => rowSchema({ table: `${database}.items`, columns, key: ['id'] });

export async function mongoTarget(uri: string): Promise<TestTarget> {
  const database = uniqueName('t');
  const url = new URL(uri);
  url.pathname = `/${database}`;
  const connection = await connectMongo(url.toString());
  const observer = await connectMongo(stackEnv().MONGODB_URI);
  const db = observer.getClient().db(database);
  return {
    schema: itemsOf(database),
    writer: new MongoWriter(connection),
    positions: (group) => new MongoPositions(connection, group, 'topic'),
    notes: (group) => new MongoSweepNotes(connection, group),
    places: new MongoPlaces(connection),
    async held(id, suffix = '') {
      const found = await db
        .collection<{ _id: number }>(`items${suffix}`)
        .findOne({ _id: id }, { promoteLongs: false });
      return found ? { version: String(found['_sync' as never]['v']).padStart(19, '0') } : undefined;
    },
    async wipe() {
      await db.dropDatabase();
    },
    async close() {
      await db.dropDatabase();
      await connection.close();
      await observer.close();
    },
  };
}

export async function redisTarget(url: string): Promise<TestTarget> {
  const database = uniqueName('t');
  const redis = await connectRedis(url, () => undefined);
  const observer = await connectRedis(stackEnv().REDIS_URL, () => undefined);
  const groups = new Set<string>();
  const wipe = async (group: string) => {
    const keys = [
      ...(await observer.keys(`*${database}*`)),
      `tributary:positions:${group}`,
      `tributary:positions:${group}:loads`,
      `tributary:sweeps:${group}`,
    ];
    await observer.del(...keys);
    const places = (await observer.hkeys('tributary:places')).filter(
      (place) => place.includes(database) || place === `group ${group}`,
    );
    if (places.length > 0) await observer.hdel('tributary:places', ...places);
  };
  return {
    schema: itemsOf(database),
    writer: new RedisWriter(redis),
    positions(group) {
      groups.add(group);
      return new RedisPositions(redis, group);
    },
    notes: (group) => new RedisSweepNotes(redis, group),
    places: new RedisPlaces(redis),
    async held(id, suffix = '') {
      const version = await observer.hget(`${database}:items${suffix}:${id}`, '_v');
      return version === null ? undefined : { version };
    },
    wipe,
    async close() {
      for (const group of groups) await wipe(group);
      redis.disconnect();
      observer.disconnect();
    },
  };
}

const redis = { target: 'redis' as const, open: () => redisTarget(stackEnv().REDIS_URL) };
const mongo = { target: 'mongo' as const, open: () => mongoTarget(stackEnv().MONGODB_URI) };

/** Both, for `describe.each`. */
export const eachTarget = [redis, mongo];
/** For what a sink does alike whichever target it has; what a target does is proven for both by libs/targets/test/conformance.spec. */
export const usualTargets = oneOf<(typeof eachTarget)[number]>(redis, mongo);
