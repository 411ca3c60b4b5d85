import type { Redis } from 'ioredis';
import { mongo, type Connection } from 'mongoose';
import { stackEnv, uniqueName } from '@tributary/testing';
import {
  connectMongo,
  connectRedis,
  MongoPlaces,
  MongoPositions,
  MongoSweepNotes,
  MongoVersions,
  MongoWriter,
  RedisPlaces,
  RedisPositions,
  RedisSweepNotes,
  RedisVersions,
  RedisWriter,
} from '../src';
import type { PlaceStore, PositionStore, SweepNoteStore, TargetWriter, VersionReader } from '../src';
import { Long } from '../src/mapping/bson';
import { itemsTable, type Layout } from './rows';

/** What a target holds of an item; versions as digits. */
interface HeldItem {
  readonly version: string;
  readonly name: string | null;
  readonly qty: number | null;
}

/** One real target, with what the conformance suite must see of it beside the writer. */
export interface Target {
  readonly table: ReturnType<typeof itemsTable>;
  readonly writer: TargetWriter;
  /** Another writer of the same target, on a connection of its own. */
  second(): Promise<TargetWriter>;
  positions(group: string): PositionStore;
  notes(group: string): SweepNoteStore;
  /** The bookkeeping of places, each time as another process has it. */
  places(): PlaceStore;
  held(id: number): Promise<HeldItem | undefined>;
  /** Makes the target refuse the row of this id for good, and takes that back. */
  refuse(id: number): Promise<void>;
  admit(id: number): Promise<void>;
  /** Versions that no sink writes, as somebody else could have left them in a row, and in a tombstone. */
  readonly misshapen: readonly unknown[];
  misshape(id: number, version: unknown): Promise<void>;
  misshapeTombstone(id: number, version: unknown): Promise<void>;
  /** Whether anything stands where the row would. */
  occupied(id: number): Promise<boolean>;
  versionReader: VersionReader;
  /** Forgets all that it holds, as after the loss of its disk. */
  wipe(group: string): Promise<void>;
  close(): Promise<void>;
}

const digits = (count: number) => '9'.repeat(count);
/** In Redis a version is a text. */
const misshapenTexts = [
  '1',
  '',
  'abc',
  digits(18),
  digits(19),
  digits(20),
  '00010000000000000x9',
  ' 1',
  '-1',
];

export async function redisTarget(layout: Layout, url = stackEnv().REDIS_URL): Promise<Target> {
  const database = uniqueName('t');
  const table = itemsTable(database, layout);
  const redis = await connectRedis(url, () => undefined);
  const observer = await connectRedis(stackEnv().REDIS_URL, () => undefined);
  const opened: Redis[] = [redis, observer];
  const key = (id: number) => `${database}:items:${id}`;
  const groups = new Set<string>();
  const drop = async (pattern: string) => {
    for await (const found of observer.scanStream({ match: pattern, count: 1000 }))
      if ((found as string[]).length > 0) await observer.del(...(found as string[]));
  };
  return {
    table,
    writer: new RedisWriter(redis),
    async second() {
      const other = await connectRedis(url, () => undefined);
      opened.push(other);
      return new RedisWriter(other);
    },
    positions(group) {
      groups.add(group);
      return new RedisPositions(redis, group);
    },
    notes: (group) => new RedisSweepNotes(redis, `${database}.${group}`),
    places: () => new RedisPlaces(redis),
    async held(id) {
      const row = await readRedis(observer, layout, key(id));
      const indexed = await observer.sismember(`${database}:items`, String(id));
      if ((indexed === 1) !== (row !== undefined)) throw new Error(`The index set is wrong about ${id}`);
      return row;
    },
    async refuse(id) {
      await (layout === 'hash'
        ? observer.set(key(id), 'foreign')
        : observer.hset(versionKey(layout, key(id)), 'a', 'b'));
    },
    async admit(id) {
      await observer.del(versionKey(layout, key(id)));
    },
    misshapen: misshapenTexts,
    async misshape(id, text) {
      const row = { _v: text, name: 'other', qty: '0' };
      await observer.sadd(`${database}:items`, String(id));
      if (layout === 'hash') await observer.hset(key(id), row);
      else if (layout === 'json') await observer.set(key(id), JSON.stringify(row));
      else
        await observer.mset(Object.fromEntries(Object.entries(row).map(([f, v]) => [`${key(id)}:${f}`, v])));
    },
    async misshapeTombstone(id, text) {
      await observer.set(`tributary:tombstone:${key(id)}`, text as string);
    },
    async occupied(id) {
      return (await observer.exists(versionKey(layout, key(id)))) === 1;
    },
    versionReader: new RedisVersions(observer),
    async wipe(group) {
      await drop(`*${database}*`);
      await observer.del(`tributary:positions:${group}`);
    },
    async close() {
      await drop(`*${database}*`);
      const places = (await observer.hkeys('tributary:places')).filter((place) => place.includes(database));
      if (places.length > 0) await observer.hdel('tributary:places', ...places);
      for (const group of groups) await observer.del(`tributary:positions:${group}`);
      for (const one of opened) one.disconnect();
    },
  };
}

const versionKey = (layout: Layout, key: string) => (layout === 'fields' ? `${key}:_v` : key);

async function readRedis(redis: Redis, layout: Layout, key: string): Promise<HeldItem | undefined> {
  if (layout === 'json') {
    const text = await redis.get(key);
    if (text === null) return undefined;
    const { _v, name = null, qty = null } = JSON.parse(text) as { _v: string; name?: string; qty?: number };
    return { version: _v, name, qty };
  }
  const read = (name: string) => (layout === 'hash' ? redis.hget(key, name) : redis.get(`${key}:${name}`));
  const [found, name, qty] = await Promise.all([read('_v'), read('name'), read('qty')]);
  if (found === null) {
    if (name !== null || qty !== null) throw new Error(`Fields of ${key} were left behind`);
    return undefined;
  }
  return { version: found, name, qty: qty === null ? null : Number(qty) };
}

/** What may stand under `_sync` of a document that is not as the sink writes it; undefined: nothing. */
const misshapenSyncs = [
  ...[undefined, null, 'text', [], [{ v: 1 }], {}, { v: null }, { v: 1 }, { v: 9.3e18 }, { v: NaN }],
  ...[{ v: '1' }, { v: digits(19) }, { v: digits(20) }, { v: [1] }, { v: { a: 1 } }, { v: new Date() }],
  ...[{ v: mongo.Decimal128.fromString(digits(19)) }, { v: Long.fromNumber(-1) }],
];

export async function mongoTarget(
  uri = stackEnv().MONGODB_URI,
): Promise<Target & { connection: Connection }> {
  const database = uniqueName('t');
  const table = itemsTable(database);
  const observer = await connectMongo(stackEnv().MONGODB_URI);
  const connection = await connectMongo(withDatabase(uri, database));
  const opened = [connection];
  const db = observer.getClient().db(database);
  const items = db.collection<{
    _id: number;
    name: string;
    qty: number;
    _sync?: { v: { toString(): string } };
  }>('items');
  const refused = new Set<number>();
  const validate = async () => {
    await db.createCollection('items').catch(() => undefined);
    const validator = refused.size > 0 ? { id: { $nin: [...refused] } } : {};
    await db.command({ collMod: 'items', validator });
  };
  return {
    table,
    connection,
    writer: new MongoWriter(connection),
    async second() {
      const other = await connectMongo(uri);
      opened.push(other);
      return new MongoWriter(other);
    },
    positions: (group) => new MongoPositions(connection, group, 'topic'),
    notes: (group) => new MongoSweepNotes(connection, group),
    places: () => new MongoPlaces(connection),
    async held(id) {
      const found = await items.findOne({ _id: id }, { promoteLongs: false, promoteValues: true });
      return found
        ? {
            version: String(found._sync?.v).padStart(19, '0'),
            name: found.name,
            qty: found.qty === null ? null : Number(found.qty),
          }
        : undefined;
    },
    async refuse(id) {
      refused.add(id);
      await validate();
    },
    async admit(id) {
      refused.delete(id);
      await validate();
    },
    misshapen: misshapenSyncs,
    async misshape(id, sync) {
      const row = { name: 'other', qty: 0, ...(sync !== undefined && { _sync: sync }) };
      await items.replaceOne({ _id: id }, row as never, { upsert: true });
    },
    async misshapeTombstone(id, v) {
      const tombstones = db.collection<{ _id: string }>('_tributary_tombstones');
      await tombstones.replaceOne({ _id: `items:${id}` }, { v, at: new Date() } as never, { upsert: true });
    },
    async occupied(id) {
      return (await items.countDocuments({ _id: id })) === 1;
    },
    versionReader: new MongoVersions(observer.getClient()),
    async wipe() {
      await db.dropDatabase();
    },
    async close() {
      await db.dropDatabase();
      for (const one of [observer, ...opened]) await one.close();
    },
  };
}

/** The same server with a default database: where the positions are. */
export function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.toString();
}
