import { mongo, type Connection } from 'mongoose';
import { stackEnv, uniqueName } from '@tributary/testing';
import { connectedMongo, connectMongo, mongoTarget } from '../src';
import { itemsTable } from './rows';

const { Binary, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } = mongo;

/** An `_id` of every type that MongoDB takes, and numbers of every kind between and beside the bounds. */
const ids: unknown[] = [
  ...Array.from({ length: 50 }, (_, id) => id),
  ...[Long.fromString('9007199254740993'), new Double(7.5), new Double(NaN), new Double(-Infinity)],
  ...[Decimal128.fromString('12.5'), Decimal128.fromString('1E+30'), '5', '', true, false, null],
  ...[new Date(0), new Binary(Buffer.from('5')), new ObjectId(), { a: 1 }, {}, { a: { b: 1 } }],
  ...[new Timestamp(5n), new MinKey(), new MaxKey()],
];
const bounds = [10, 20, 30].map((id) => ({ id }));

describe('a scan of a collection', () => {
  const database = uniqueName('scan');
  const table = itemsTable(database, 'hash');
  let connection: Connection;

  beforeAll(async () => {
    connection = await connectMongo(stackEnv().MONGODB_URI);
    const items = connection
      .getClient()
      .db(table.settings.mongo.database)
      .collection(table.settings.mongo.collection);
    for (const _id of ids) await items.insertOne({ _id: _id as never, name: 'x' });
  });
  afterAll(async () => {
    await connection.getClient().db(table.settings.mongo.database).dropDatabase();
    await connection.close();
  });

  const namesOf = async (part: string) => {
    const names: string[] = [];
    const scan = connectedMongo(connection, { onWarning: () => undefined }).scan!(table);
    for await (const entries of scan.entries(part)) names.push(...entries.map(({ name }) => name));
    return names;
  };

  it('finds every document once, in one part or in many, whatever the type of its _id', async () => {
    const [whole] = mongoTarget.scan!.parts(table, []);
    const all = await namesOf(whole!);
    expect(new Set(all).size).toBe(ids.length);

    const parts = mongoTarget.scan!.parts(table, bounds);
    expect(parts).toHaveLength(bounds.length + 2);
    const found = (await Promise.all(parts.map(namesOf))).flat();
    expect(found.sort()).toEqual(all.sort());
  });
});
