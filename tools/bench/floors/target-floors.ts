import Redis from 'ioredis';
import mongoose, { mongo } from 'mongoose';
import { orderDocument, orderFields, orderRow } from '../order-row';
import { DATABASE } from '../source';
import { Stopwatch, type Floor } from './stopwatch';

const BATCH = 1000;

/** The rows of ids 1 to `count`, batch by batch. */
function* batches(count: number) {
  for (let from = 1; from <= count; from += BATCH)
    yield Array.from({ length: Math.min(BATCH, count - from + 1) }, (_, at) => orderRow(from + at));
}

/** Unordered bulks of replacements with upsert, into an empty collection of its own. */
export async function mongoFloor(uri: string, count: number): Promise<Floor> {
  const connection = await mongoose.createConnection(uri).asPromise();
  const collection = connection.useDb(DATABASE).collection<mongo.Document>('floor');
  const watch = new Stopwatch();
  try {
    for (const rows of batches(count)) {
      const version = mongo.Long.fromBigInt(1_000_000_000_000_001n);
      const writes = rows.map((row) => {
        const { _id, ...fields } = orderDocument(row);
        const replacement = { ...fields, _sync: { v: version, at: new Date() } };
        return { replaceOne: { filter: { _id }, replacement, upsert: true } };
      });
      await watch.time(() => collection.bulkWrite(writes, { ordered: false }));
    }
    await collection.drop();
  } finally {
    await connection.close();
  }
  return watch.floor(count);
}

/** One HSET a row, in pipelines. */
export async function redisFloor(url: string, count: number): Promise<Floor> {
  const redis = new Redis(url);
  const watch = new Stopwatch();
  try {
    for (const rows of batches(count)) {
      const pipeline = redis.pipeline();
      const keys = rows.map(([id]) => `${DATABASE}:floor:${id}`);
      await watch.time(() => {
        rows.forEach((row, at) =>
          pipeline.hset(keys[at]!, { ...orderFields(row), _v: '0001000000000000001' }),
        );
        return pipeline.exec();
      });
      await redis.unlink(keys);
    }
  } finally {
    redis.disconnect();
  }
  return watch.floor(count);
}
