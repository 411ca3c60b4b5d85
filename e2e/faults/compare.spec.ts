import { stackEnv, uniqueName } from '@tributary/testing';
import Redis from 'ioredis';
import { mongo } from 'mongoose';
import { createConnection } from 'mysql2/promise';
import { compareAll } from './compare';
import type { FaultTable } from './tables';

const table: FaultTable = {
  name: 'pairs',
  key: ['a', 'b'],
  columns: { a: 'int', b: 'text', w: 'bigint', price: 'decimal', at: 'datetime3', raw: 'binary' },
  ddl: `CREATE TABLE pairs (a INT, b VARCHAR(20), w BIGINT UNSIGNED, price DECIMAL(10,2), at DATETIME(3), raw VARBINARY(9), PRIMARY KEY (a, b))`,
};

/** The harness's verdict is worth what its comparison sees, so that is shown on rows written by hand. */
describe('the comparison of the fault harness', () => {
  const { ADMIN_MYSQL_URL: url, MONGODB_URI, REDIS_URL } = stackEnv();
  const database = uniqueName('faults_compare');
  const client = new mongo.MongoClient(MONGODB_URI);
  const redis = new Redis(REDIS_URL);
  const prefix = `${database}:pairs`;
  const rows = () => client.db(database).collection<{ _id: string }>('pairs');
  const right = {
    a: 1,
    b: 'x:y',
    w: mongo.Decimal128.fromString('18446744073709551615'),
    price: mongo.Decimal128.fromString('1.10'),
    at: new Date('2026-01-02T03:04:05.678Z'),
    raw: new mongo.Binary(Buffer.from('00ff', 'hex')),
    _sync: { v: mongo.Long.fromNumber(7), at: new Date(0) },
  };
  const hash = {
    _v: '0001000000000000007',
    a: '1',
    b: 'x:y',
    w: '18446744073709551615',
    price: '1.10',
    at: '2026-01-02T03:04:05.678',
    raw: Buffer.from('00ff', 'hex'),
  };
  const compare = async () =>
    (await compareAll([table], { url, database, mongo: client, redis })).differences;

  beforeAll(async () => {
    const admin = await createConnection(url);
    await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    await admin.query(`USE ${database}`);
    await admin.query(table.ddl);
    await admin.query(
      `INSERT INTO pairs VALUES (1, 'x:y', 18446744073709551615, 1.10, '2026-01-02 03:04:05.678', x'00ff')`,
    );
    await admin.end();
    await client.connect();
  });
  beforeEach(async () => {
    await rows().deleteMany({});
    await redis.del(`${prefix}:1:x%3Ay`, `${prefix}:9:z`, prefix);
    await rows().insertOne({ _id: '1:x%3Ay', ...right });
    await redis.hset(`${prefix}:1:x%3Ay`, hash);
    await redis.sadd(prefix, '1:x%3Ay');
  });
  afterAll(async () => {
    const admin = await createConnection(url);
    await admin.query(`DROP DATABASE IF EXISTS ${database}`);
    await admin.end();
    await client.db(database).dropDatabase();
    await client.close();
    await redis.del(`${prefix}:1:x%3Ay`, `${prefix}:9:z`, prefix);
    redis.disconnect();
  });

  it('finds what is right equal', async () => {
    expect(await compare()).toEqual([]);
  });

  it.each([
    ['a value of another type', { w: mongo.Long.fromNumber(-1) }],
    ['a lost scale', { price: mongo.Decimal128.fromString('1.1') }],
    ['a stale value', { at: new Date('2026-01-02T03:04:05Z') }],
    ['a null', { raw: null }],
    ['a field too many', { extra: 1 }],
  ])('sees %s in MongoDB', async (_what, change) => {
    await rows().replaceOne({ _id: '1:x%3Ay' }, { ...right, ...change });
    expect(await compare()).toMatchObject([{ target: 'MongoDB', id: '1:x%3Ay' }]);
  });

  it('sees a stale value, a missing field and a field too many in Redis', async () => {
    await redis.hset(`${prefix}:1:x%3Ay`, { raw: Buffer.from('00fe', 'hex'), extra: '1' });
    await redis.hdel(`${prefix}:1:x%3Ay`, 'price');
    expect(await compare()).toHaveLength(3);
  });

  it('sees rows that are missing and rows that should not be there, in both targets and the index', async () => {
    await rows().deleteMany({});
    await rows().insertOne({ _id: '9:z', ...right });
    await redis.rename(`${prefix}:1:x%3Ay`, `${prefix}:9:z`);
    await redis.srem(prefix, '1:x%3Ay');
    await redis.sadd(prefix, '9:z');
    const found = (await compare()).map(({ target, what }) => `${target}: ${what}`);
    expect(found).toHaveLength(6);
    expect(found.filter((line) => /is missing|is not in the index/.test(line))).toHaveLength(3);
  });
});
