import { isDeepStrictEqual } from 'node:util';
import Redis from 'ioredis';
import mongoose, { mongo } from 'mongoose';
import { orderDocument, orderFields, type OrderRow } from './order-row';
import { DATABASE, TABLE } from './source';

export type TargetName = 'MongoDB' | 'Redis';

/** A target as its own drivers show it. */
export interface Target {
  readonly name: TargetName;
  count(): Promise<number>;
  has(id: number): Promise<boolean>;
  /** Ids of the rows that it holds otherwise than the source, or not at all. */
  differing(rows: readonly OrderRow[]): Promise<string[]>;
  close(): Promise<void>;
}

const redisKey = (id: string) => `${DATABASE}:orders:${id}`;

export async function openMongo(uri: string): Promise<Target> {
  const connection = await mongoose.createConnection(uri).asPromise();
  const orders = connection.useDb(DATABASE).collection<{ _id: mongo.Long }>('orders');
  const raw = { promoteLongs: false, promoteValues: false } as const;
  return {
    name: 'MongoDB',
    count: () => orders.countDocuments({}),
    has: async (id) =>
      (await orders.findOne({ _id: mongo.Long.fromNumber(id) }, { projection: { _id: 1 } })) !== null,
    differing: async (rows) => {
      const ids = rows.map(([id]) => mongo.Long.fromString(id!));
      const found = new Map(
        (await orders.find({ _id: { $in: ids } }, raw).toArray()).map((document) => [
          String(document._id),
          canonical({ ...document, _sync: undefined }),
        ]),
      );
      return rows.flatMap((row) => (found.get(row[0]!) === canonical(orderDocument(row)) ? [] : row[0]!));
    },
    close: () => connection.close(),
  };
}

/** One text for values that BSON holds alike. */
const canonical = (document: mongo.Document) =>
  mongo.BSON.EJSON.stringify(
    mongo.BSON.deserialize(mongo.BSON.serialize(document, { ignoreUndefined: true }), {
      promoteValues: false,
    }),
    { relaxed: false },
  );

export async function openRedis(url: string): Promise<Target> {
  const redis = new Redis(url);
  // What fails reaches the caller by the command; without a listener ioredis prints every try to reconnect.
  redis.on('error', () => undefined);
  return {
    name: 'Redis',
    count: () => redis.scard(`${DATABASE}:orders`),
    has: async (id) => (await redis.exists(redisKey(String(id)))) === 1,
    differing: async (rows) => {
      const held = await Promise.all(rows.map(([id]) => redis.hgetall(redisKey(id!))));
      return rows.flatMap((row, at) => {
        const { _v, ...fields } = held[at]!;
        return _v && isDeepStrictEqual(fields, orderFields(row)) ? [] : row[0]!;
      });
    },
    close: async () => redis.disconnect(),
  };
}

/** The sync file of the benchmark's pipeline. */
export const syncFile = `topics: { prefix: ${DATABASE}, partitions: 12 }
capture: { schema: tributary_bench }
tables:
  - table: ${TABLE}
`;
