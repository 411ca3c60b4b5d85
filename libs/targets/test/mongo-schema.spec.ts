import { rowSchema, type Column } from '@tributary/contract';
import { stackEnv } from '@tributary/testing';
import { connectMongo, MongoWriter } from '../src';
import { usualPatience } from '../src/mongo/doubts';
import { CollectionSchema } from '../src/mongo/schema/collection-schema';
import { mongoTarget } from './harness';
import { changesOf, itemColumns } from './rows';

jest.setTimeout(60_000);

describe('mongo.validator', () => {
  let target: Awaited<ReturnType<typeof mongoTarget>>;
  const warnings: string[] = [];
  let writer: MongoWriter;
  beforeAll(async () => {
    target = await mongoTarget();
    writer = new MongoWriter(target.connection, usualPatience, (message) => void warnings.push(message));
  });
  afterAll(() => target.close());

  const db = () => target.connection.getClient().db(target.table.settings.database);
  const schemaOf = (collection: string) => new CollectionSchema(db(), collection);
  /** Changes of a table whose documents go to a collection of the test's own. */
  const table = (
    collection: string,
    validator: 'off' | 'warn' | 'error',
    columns: readonly Column[] = itemColumns,
  ) => {
    const { settings } = target.table;
    return changesOf({
      settings: { ...settings, mongo: { ...settings.mongo, collection, validator } },
      schema: rowSchema({ table: settings.table, columns, key: ['id'] }),
    });
  };
  const apply = async (...changes: Parameters<MongoWriter['apply']>[0]) =>
    (await writer.apply(changes)).map(({ kind }) => kind);
  const byHand = (collection: string, document: object) =>
    db()
      .collection(collection)
      .insertOne(document as never)
      .then(
        () => 'taken',
        (error: { code: number }) => error.code,
      );
  const more: Column = { ...itemColumns[1]!, name: 'more', field: 'more', nullable: false };
  const REFUSED = 121;

  it('error: the collection has it before the first row, and refuses what is not a row of the table', async () => {
    expect(await apply(table('strict', 'error').put(1, 1))).toEqual(['applied']);
    expect(await schemaOf('strict').read()).toMatchObject({ kind: 'ours', action: 'error' });
    expect(await byHand('strict', { _id: 2, id: 2, name: 'x', qty: 1 })).toBe(REFUSED);
    expect(await byHand('strict', { _id: 2, id: 'two', name: 'x', qty: 1 })).toBe(REFUSED);
    expect(await apply(table('strict', 'error').remove(1, 2))).toEqual(['applied']);
  });

  it('warn: the server takes everything; off: the collection has no validator', async () => {
    expect(await apply(table('warned', 'warn').put(1, 1), table('free', 'off').put(1, 1))).toEqual([
      'applied',
      'applied',
    ]);
    expect(await schemaOf('warned').read()).toMatchObject({ kind: 'ours', action: 'warn' });
    expect(await schemaOf('free').read()).toEqual({ kind: 'none', exists: true });
    expect(await byHand('warned', { _id: 2 })).toBe('taken');
  });

  it('takes rows of the schema before and after an ALTER TABLE, in whatever order they come', async () => {
    const [before, after] = [table('altered', 'error'), table('altered', 'error', [itemColumns[0]!, more])];
    expect(await apply(before.put(1, 1))).toEqual(['applied']);
    const row = { id: 2, more: 'm' };
    const changes = [
      { ...after.put(2, 2), after: row },
      before.put(3, 1),
      { ...after.put(1, 3), after: row },
    ];
    expect(await apply(...changes)).toEqual(['applied', 'applied', 'applied']);
  });

  it('R11: a row that is refused because another sink narrowed the validator is written, not buried', async () => {
    const [ours, theirs] = [table('raced', 'error'), table('raced', 'error', [itemColumns[0]!, more])];
    expect(await apply(ours.put(1, 1))).toEqual(['applied']);
    const other = await connectMongo(stackEnv().MONGODB_URI);
    try {
      // What another sink does that read the validator before ours was there.
      const client = other.getClient().db(db().databaseName);
      await client.command({ collMod: 'raced', validator: {} });
      const second = new MongoWriter(other);
      const change = { ...theirs.put(2, 1), after: { id: 2, more: 'm' } };
      expect((await second.apply([change])).map(({ kind }) => kind)).toEqual(['applied']);
    } finally {
      await other.close();
    }
    expect(await byHand('raced', { _id: 9, id: 9, name: 'x', qty: 1 })).toBe(REFUSED);
    expect(await apply(ours.put(3, 1), ours.put(4, 1))).toEqual(['applied', 'applied']);
    expect(warnings).toEqual([]);
  });

  it('R15: a table without one that goes to the same collection keeps its rows', async () => {
    const [strict, free] = [table('both', 'error'), table('both', 'off', [itemColumns[0]!, more])];
    expect(await apply(strict.put(1, 1))).toEqual(['applied']);
    expect(await apply({ ...free.put(2, 1), after: { id: 2, more: 'm' } })).toEqual(['applied']);
    expect(await schemaOf('both').read()).toMatchObject({ kind: 'ours', action: 'error' });
  });

  it("a validator of somebody else's stays: its refusals are dead letters, and the log says so once", async () => {
    const validator = { qty: { $lt: 10 } };
    await db().createCollection('foreign', { validator });
    const { put } = table('foreign', 'error');
    expect(await apply(put(1, 1), put(2, 50))).toEqual(['applied', 'rejected']);
    expect(await apply(put(3, 1))).toEqual(['applied']);
    expect(await schemaOf('foreign').read()).toEqual({ kind: 'foreign' });
    expect(warnings).toEqual([
      expect.stringMatching(/\.foreign has a validator that Tributary did not make/),
    ]);
  });

  it('is set to the columns of now, and taken away, for tributary targets install', async () => {
    const schema = schemaOf('strict');
    const held = await schema.read();
    if (held.kind !== 'ours') throw new Error(held.kind);
    expect(await schema.replace(held.shape, 'error')).toBe(false);
    expect(await schema.replace(held.shape, 'warn')).toBe(true);
    expect(await schema.read()).toMatchObject({ action: 'warn' });
    expect([await schema.remove(), await schema.remove()]).toEqual([true, false]);
    expect(await byHand('strict', { _id: 7 })).toBe('taken');
  });
});
