import { stackEnv } from '@tributary/testing';
import { connectMongo, MongoWriter, type RowChange } from '../src';
import { mongoTarget, withDatabase } from './harness';
import { changesOf } from './rows';

jest.setTimeout(60_000);

const ROWS = 150;
const ids = Array.from({ length: ROWS }, (_, at) => at + 1);

describe('what a batch costs MongoDB', () => {
  let target: Awaited<ReturnType<typeof mongoTarget>>;
  let connection: Awaited<ReturnType<typeof connectMongo>>;
  let writer: MongoWriter;
  let make: ReturnType<typeof changesOf>;
  let seen: string[] = [];
  beforeAll(async () => {
    target = await mongoTarget();
    make = changesOf(target.table);
    const uri = new URL(withDatabase(stackEnv().MONGODB_URI, target.table.settings.database));
    uri.searchParams.set('monitorCommands', 'true');
    connection = await connectMongo(uri.toString());
    connection.getClient().on('commandStarted', ({ commandName, command }) => {
      const collection = String((command as Record<string, unknown>)[commandName]);
      seen.push(`${commandName} ${collection === 'items' ? 'rows' : 'tombstones'}`);
    });
    writer = new MongoWriter(connection);
    await writer.apply([make.put(ROWS + 1, 1)]);
  });
  afterAll(async () => {
    await connection.close();
    await target.close();
  });

  const commandsOf = async (...changes: RowChange[]): Promise<string[]> => {
    seen = [];
    await writer.apply(changes);
    return seen;
  };
  const some = (from: number, count = ROWS) => ids.slice(0, count).map((id) => id + from);

  it('new rows are inserted, by a load and by live changes', async () => {
    const inserted = ['insert rows', 'find tombstones'];
    expect(await commandsOf(...some(0).map((id) => make.put(id, 1, {}, 'r')))).toEqual(inserted);
    expect(await commandsOf(...some(1000).map((id) => make.put(id, 2, {}, 'c')))).toEqual(inserted);
  });

  it('existing rows are written over by one command', async () => {
    const updated = ['update rows', 'find tombstones'];
    expect(await commandsOf(...some(0).map((id) => make.put(id, 3)))).toEqual(updated);
    expect(await commandsOf(make.put(1, 4))).toEqual(updated);
  });

  it('a second load tries to insert once, then goes by the guard', async () => {
    expect(await commandsOf(...some(0, 20).map((id) => make.put(id, 5, {}, 'r')))).toEqual([
      ...['insert rows', 'find rows', 'update rows', 'find tombstones'],
    ]);
    const guarded = ['update rows', 'find tombstones'];
    expect(await commandsOf(...some(20, 20).map((id) => make.put(id, 5, {}, 'r')))).toEqual(guarded);
    expect(await commandsOf(...some(2000, 20).map((id) => make.put(id, 6, {}, 'r')))).toEqual(guarded);
    expect((await commandsOf(...some(3000, 20).map((id) => make.put(id, 6, {}, 'r'))))[0]).toBe(
      'insert rows',
    );
  });

  it('stale changes are told by one look at the rows, however many', async () => {
    const looked = ['update rows', 'find rows', 'find tombstones'];
    expect(await commandsOf(...some(0).map((id) => make.put(id, 2)))).toEqual(looked);
  });

  it('deletes take their tombstones and themselves', async () => {
    const deletes = (log: number) => some(1000).map((id) => make.remove(id, log));
    // Once a minute the server is asked for its time.
    const deleted = ['hello tombstones', 'insert tombstones', 'delete rows'];
    expect(await commandsOf(...deletes(10))).toEqual(deleted);
    expect(await commandsOf(...some(2000, 20).map((id) => make.remove(id, 10)))).toEqual(deleted.slice(1));
  });

  it('a mixed batch takes one command of each kind, and looks at the few tombstones that are not older', async () => {
    const inserts = some(4000).map((id, at) => make.put(id, 20 + at, {}, 'c'));
    const updates = some(0).map((id, at) => make.put(id, 20 + at));
    const deletes = some(3000, 20).map((id, at) => make.remove(id, 20 + at));
    expect(await commandsOf(...inserts, ...updates, ...deletes)).toEqual([
      ...['insert tombstones', 'delete rows', 'insert rows', 'update rows', 'find tombstones'],
    ]);
  });

  it('tombstones that are there already are lifted, the next ones without a try to insert', async () => {
    await commandsOf(...some(3000, 20).map((id) => make.put(id, 300, {}, 'c')));
    const deletes = (log: number) => some(3000, 20).map((id) => make.remove(id, log));
    const lifted = ['update tombstones', 'delete rows'];
    expect(await commandsOf(...deletes(301))).toEqual(['insert tombstones', ...lifted]);
    await commandsOf(...some(3000, 20).map((id) => make.put(id, 302, {}, 'c')));
    expect(await commandsOf(...deletes(303))).toEqual(lifted);
  });

  it('where many tombstones are newer, those of the rows are looked for', async () => {
    const again = [...['update rows', 'find rows'], ...['find tombstones', 'find tombstones']];
    expect(await commandsOf(make.put(1, 2), make.put(2, 2))).toEqual(again);
  });
});
