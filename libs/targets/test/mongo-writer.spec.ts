import { rowSchema } from '@tributary/contract';
import { stackEnv, TcpProxy, waitFor } from '@tributary/testing';
import { ConnectionStates } from 'mongoose';
import { Long } from '../src/mapping/bson';
import { connectMongo, MongoWriter } from '../src';
import { expectRetry } from './conformance';
import { mongoTarget } from './harness';
import { changesOf, itemColumns, version } from './rows';

jest.setTimeout(60_000);

type FakeableAPI =
  NonNullable<Parameters<typeof jest.useFakeTimers>[0]> extends { doNotFake?: (infer A)[] } ? A : never;
type Doc = { _id: number | string; [field: string]: unknown };

describe('MongoWriter', () => {
  let target: Awaited<ReturnType<typeof mongoTarget>>;
  let make: ReturnType<typeof changesOf>;
  const database = () => target.table.settings.database;
  const collection = (name = 'items') => target.connection.getClient().db(database()).collection<Doc>(name);
  const tombstones = () => collection('_tributary_tombstones');
  const kinds = async (...changes: Parameters<MongoWriter['apply']>) =>
    (await target.writer.apply(...changes)).map(({ kind }) => kind);

  beforeAll(async () => {
    target = await mongoTarget();
    make = changesOf(target.table);
  });
  afterAll(() => target.close());

  const v = (log: number) => Long.fromBigInt(BigInt(version(log)));

  it('R6: a crash between tombstone and delete is made good when the batch comes again', async () => {
    await target.writer.apply([make.put(1, 3)]);
    await tombstones().insertOne({ _id: 'items:1', v: v(9), at: new Date() });
    expect(await kinds([make.put(1, 5)])).toEqual(['stale']);
    expect(await target.held(1)).toBeUndefined();
    await collection().insertOne({ _id: 1, _sync: { v: v(3) } });
    expect(await kinds([make.remove(1, 9)])).toEqual(['applied']);
    expect(await target.held(1)).toBeUndefined();
  });

  it('R6: a crash between an older insert and its look at the tombstones is made good, too', async () => {
    await target.writer.apply([make.remove(2, 9)]);
    await collection().insertOne({ _id: 2, _sync: { v: v(5) } });
    expect(await kinds([make.put(2, 5)])).toEqual(['stale']);
    expect(await target.held(2)).toBeUndefined();
    await collection().insertOne({ _id: 2, _sync: { v: v(5) } });
    expect(await kinds([make.put(2, 7)])).toEqual(['stale']);
    expect(await target.held(2)).toBeUndefined();
  });

  it('R11: a collection name that MongoDB takes none under refuses its rows, not their neighbours', async () => {
    const { settings, schema } = target.table;
    const table = { ...settings, mongo: { ...settings.mongo, collection: 'a$b' } };
    const misnamed = changesOf({ settings: table, schema });
    const outcomes = await target.writer.apply([make.put(80, 3), misnamed.put(1, 3), misnamed.remove(2, 3)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'rejected', 'rejected']);
    expect(outcomes[1]).toMatchObject({
      rejection: {
        code: 'TARGET_REJECTED',
        reason: expect.stringMatching(/a\$b .*73.*mongo\.collection/) as string,
      },
    });
    const order = { table, schema, floor: version(9), spared: async () => new Set<string>() };
    for await (const removed of target.writer.sweep(order)) expect(removed).toBe(0);
  });

  it('R6: tombstones have a life, and an index by version', async () => {
    const indexes = await tombstones().indexes();
    expect(indexes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ key: { at: 1 }, expireAfterSeconds: 14 * 86_400 }),
        expect.objectContaining({ key: { v: 1 } }),
      ]),
    );
    const tombstone = await tombstones().findOne({ _id: 'items:2' }, { promoteLongs: false });
    expect(tombstone).toEqual({ _id: 'items:2', v: v(9), at: expect.any(Date) });
  });

  it('R6: a tombstone lives by the clock of the server, whatever the clock of the sink says', async () => {
    jest.useFakeTimers({
      now: Date.now() - 20 * 86_400_000,
      doNotFake: [
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
      ].concat(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout']) as FakeableAPI[],
    });
    try {
      await target.writer.apply([make.remove(30, 9)]);
    } finally {
      jest.useRealTimers();
    }
    const tombstone = await tombstones().findOne({ _id: 'items:30' });
    expect(Math.abs((tombstone!['at'] as Date).getTime() - Date.now())).toBeLessThan(86_400_000);
  });

  it('R4: takes over documents that another program wrote, of whatever form', async () => {
    await collection().insertMany([
      { _id: 10, name: 'mine' },
      { _id: 11, _sync: 'text' },
      { _id: 12, _sync: { v: 'text' } },
      { _id: 13, _sync: null },
    ]);
    expect(await kinds([10, 11, 12].map((id) => make.put(id, 1)))).toEqual(['applied', 'applied', 'applied']);
    expect(await kinds([make.remove(13, 1)])).toEqual(['applied']);
    const held = await Promise.all([10, 11, 12, 13].map((id) => target.held(id)));
    expect(held.map((item) => item?.version)).toEqual([version(1), version(1), version(1), undefined]);
  });

  it('R11: a unique value that another row is about to give up is waited for', async () => {
    await collection().createIndex(
      { name: 1 },
      { unique: true, partialFilterExpression: { qty: { $gte: 1000 } } },
    );
    const put = (id: number, log: number, name: string) => make.put(id, log, { name, qty: 1000 });
    await target.writer.apply([put(20, 1, 'a'), put(21, 1, 'b')]);
    const other = await target.second();
    const [first, second] = await Promise.all([
      target.writer.apply([put(20, 2, 'b'), make.put(29, 2)]),
      new Promise((resolve) => setTimeout(resolve, 120)).then(() => other.apply([put(21, 3, 'c')])),
    ]);
    expect([...first, ...second].map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied']);
    expect((await target.held(20))?.name).toBe('b');
  });

  it('R11: a unique value that stays taken rejects that row alone, and names the index', async () => {
    const taken = make.put(22, 1, { name: 'c', qty: 1000 });
    const outcomes = await target.writer.apply([make.put(23, 1), taken, make.put(24, 1)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'rejected', 'applied']);
    expect(outcomes[1]).toMatchObject({
      rejection: { code: 'TARGET_REJECTED', reason: expect.stringMatching(/unique index/) },
    });
    expect(await target.held(22)).toBeUndefined();
  });

  describe('a unique value that changes hands', () => {
    const put = (id: number, log: number, name: string) => make.put(id, log, { name, qty: 2000 });
    const writer = (handoverMs: number) => new MongoWriter(target.connection, { handoverMs, unknownMs: 0 });
    const names = async (...ids: number[]) =>
      (await Promise.all(ids.map((id) => target.held(id)))).map((held) => held?.name);
    beforeAll(() =>
      collection().createIndex(
        { name: 1 },
        { unique: true, name: 'handed', partialFilterExpression: { qty: 2000 } },
      ),
    );

    it('R11: is waited for while the partition of the row that gives it up is behind', async () => {
      const patient = writer(60_000);
      await patient.apply([put(500, 1, 'x')]);
      // Its neighbours are written meanwhile, and the batch comes again.
      await expectRetry(patient.apply([put(501, 5, 'x'), make.put(502, 1)]));
      expect((await target.held(502))?.version).toBe(version(1));
      await expectRetry(patient.apply([put(501, 5, 'x')]));
      await patient.apply([put(500, 4, 'other')]);
      expect((await patient.apply([put(501, 5, 'x')])).map(({ kind }) => kind)).toEqual(['applied']);
      expect(await names(500, 501)).toEqual(['other', 'x']);
    });

    it('R11: becomes a dead letter when nobody gives it up, at once where the holder is newer or another program’s', async () => {
      const brief = writer(1);
      await brief.apply([put(510, 3, 'y')]);
      await collection().insertOne({ _id: 512, name: 'foreign', qty: 2000 });
      const kindsOf = async (patient: MongoWriter, change: ReturnType<typeof put>) =>
        (await patient.apply([change])).map(({ kind }) => kind);
      expect(await kindsOf(brief, put(511, 4, 'y'))).toEqual(['rejected']);
      expect(await kindsOf(writer(60_000), put(511, 2, 'y'))).toEqual(['rejected']);
      expect(await kindsOf(writer(60_000), put(513, 9, 'foreign'))).toEqual(['rejected']);
    });

    it('R11: is exchanged by two rows of one batch, and by rows of two partitions', async () => {
      const patient = writer(60_000);
      await patient.apply([put(520, 1, 'a1'), put(521, 1, 'b1'), make.put(522, 1)]);
      const swapped = await patient.apply([put(520, 4, 'b1'), put(521, 5, 'a1')]);
      expect(swapped.map(({ kind }) => kind)).toEqual(['applied', 'applied']);
      expect(await names(520, 521)).toEqual(['b1', 'a1']);
      const [one, other] = [[put(520, 8, 'a1')], [put(521, 9, 'b1')]];
      await expectRetry(patient.apply(one));
      expect((await patient.apply(other)).map(({ kind }) => kind)).toEqual(['applied']);
      expect((await patient.apply(one)).map(({ kind }) => kind)).toEqual(['applied']);
      expect(await names(520, 521)).toEqual(['a1', 'b1']);
    });
  });

  describe('a code that nobody knows', () => {
    let proxy: TcpProxy;
    let connection: Awaited<ReturnType<typeof mongoTarget>>['connection'];
    /** The server's answer of a failed validation, with another code in it. */
    let code = 0;
    beforeAll(async () => {
      proxy = await TcpProxy.open(new URL(stackEnv().MONGODB_URI).host);
      connection = await connectMongo(`mongodb://${proxy.address}/${database()}?directConnection=true`);
      proxy.intercept((data, direction) => (direction === 'down' ? withCode(data, code) : data));
    });
    afterAll(async () => {
      await connection.close();
      await proxy.close();
    });

    it.each([
      [16500, 600],
      [51998, 620],
    ])('R11: %i is passing trouble while the server refuses others, too', async (answer, base) => {
      code = answer;
      const hasty = new MongoWriter(connection, { handoverMs: 0, unknownMs: 0 });
      const throttled = Array.from({ length: 3 }, (_, at) => make.put(base + at, 20));
      await target.writer.apply([make.put(base, 1), make.put(base + 1, 1)]);
      for (const { key } of throttled) await target.refuse(Number(key['id']));
      await collection().updateMany({ _id: { $nin: [base, base + 1] } }, { $unset: { '_sync.at': 1 } });
      await expectRetry(hasty.apply(throttled));
      await expectRetry(hasty.apply(throttled.slice(0, 1)));
      for (const { key } of throttled) await target.admit(Number(key['id']));
      const outcomes = await hasty.apply(throttled);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'applied', 'applied']);
    });

    it('R11: is blamed on the row when it comes for that one alone, again and again, and not before', async () => {
      code = 51999;
      await target.writer.apply([make.put(610, 1), make.put(611, 1)]);
      await target.refuse(610);
      const rows = [make.put(610, 3), make.put(611, 3)];
      await expectRetry(new MongoWriter(connection).apply(rows));
      expect((await target.held(611))?.version).toBe(version(3));
      const outcomes = await new MongoWriter(connection, { handoverMs: 0, unknownMs: 0 }).apply(rows);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'stale']);
      expect(outcomes[0]).toMatchObject({ rejection: { reason: expect.stringMatching(/code 51999/) } });
      await target.admit(610);
    });
  });

  it.each(['u', 'r'] as const)('R11: a document that is too large is rejected alone (op %s)', async (op) => {
    const base = op === 'u' ? 100 : 200;
    const rows = Array.from({ length: 50 }, (_, at) => make.put(base + at, 1, {}, op));
    rows[7] = make.put(base + 7, 1, { name: 'x'.repeat(17 * 2 ** 20) }, op);
    const outcomes = await target.writer.apply(rows);
    expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(49);
    expect(outcomes[7]).toMatchObject({ rejection: { reason: expect.stringMatching(/larger than/) } });
  });

  it('R11: a refused row that the target holds a newer version of, or whose delete is newer, is superseded', async () => {
    const large = (id: number, log: number) => make.put(id, log, { name: 'x'.repeat(17 * 2 ** 20) });
    await target.writer.apply([make.put(260, 5), make.put(261, 5), make.put(262, 1)]);
    await target.writer.apply([make.remove(261, 6)]);
    expect(await kinds([large(260, 4), large(261, 4), large(262, 4)])).toEqual([
      'stale',
      'stale',
      'rejected',
    ]);
    await target.refuse(260);
    expect(await kinds([make.put(260, 3)])).toEqual(['stale']);
    await target.admit(260);
  });

  it('R11: the validator is named with the rule that failed', async () => {
    await target.refuse(250);
    const [outcome] = await target.writer.apply([make.put(250, 1)]);
    expect(outcome).toMatchObject({
      rejection: { reason: expect.stringMatching(/items \(code 121\): the collection's validator/) },
    });
    await target.admit(250);
  });

  it('R9: writes fields that begin with a dollar or hold dots, guarded like others', async () => {
    const columns = [...itemColumns, { ...itemColumns[1]!, name: '$x.y', field: '$x.y' }];
    const schema = rowSchema({ table: target.table.settings.table, columns, key: ['id'] });
    const { put, remove } = changesOf({ settings: target.table.settings, schema });
    const row = (id: number, log: number, op: 'u' | 'r' = 'u') => put(id, log, { '$x.y': `d${log}` }, op);
    expect(await kinds([row(300, 2), row(301, 2, 'r')])).toEqual(['applied', 'applied']);
    expect(await kinds([row(300, 1)])).toEqual(['stale']);
    expect(await kinds([row(300, 3)])).toEqual(['applied']);
    expect(await collection().findOne({ _id: 300 })).toMatchObject({ '$x.y': 'd3', id: 300, name: 'n3' });
    expect(await kinds([remove(301, 3)])).toEqual(['applied']);
  });

  it('R4: an initial load inserts, and falls back to the guard where rows are there already', async () => {
    const load = (log: number) => Array.from({ length: 40 }, (_, at) => make.put(400 + at, log, {}, 'r'));
    await target.writer.apply([make.put(405, 9)]);
    const expected = load(5).map(({ key }) => (key['id'] === 405 ? 'stale' : 'applied'));
    expect(await kinds(load(5))).toEqual(expected);
    expect(await kinds(load(6))).toEqual(expected);
    expect(await kinds(load(5))).toEqual(expected.map(() => 'stale'));
    expect((await target.held(405))?.version).toBe(version(9));
  });

  it('R11: a server that was lost between the start and the first write is written to when it is back', async () => {
    const proxy = await TcpProxy.open(new URL(stackEnv().MONGODB_URI).host);
    const cut = await mongoTarget(
      `mongodb://${proxy.address}/?directConnection=true&serverSelectionTimeoutMS=1000&heartbeatFrequencyMS=500`,
    );
    const rows = [changesOf(cut.table).put(1, 1)];
    try {
      proxy.cut({ refuse: true });
      await waitFor(() => cut.connection.readyState !== ConnectionStates.connected);
      await expectRetry(cut.writer.apply(rows));
      proxy.accept();
      await waitFor(async () => (await cut.writer.apply(rows))[0]?.kind === 'applied');
    } finally {
      await cut.close();
      await proxy.close();
    }
  });

  it('R11: a broken line is retried as a whole and ends the same', async () => {
    const proxy = await TcpProxy.open(new URL(stackEnv().MONGODB_URI).host);
    const cut = await mongoTarget(
      `mongodb://${proxy.address}/?directConnection=true&serverSelectionTimeoutMS=1000`,
    );
    const rows = Array.from({ length: 200 }, (_, at) => changesOf(cut.table).put(at, 1));
    try {
      await cut.writer.apply(rows.slice(0, 10));
      let pieces = 0;
      proxy.intercept((data, direction) => {
        if (direction === 'down' && ++pieces === 2) proxy.cut({ refuse: true });
        return data;
      });
      await expectRetry(cut.writer.apply(rows));
      await expect(cut.writer.ping()).rejects.toThrow(/MongoDB does not answer/);
      proxy.intercept(undefined);
      proxy.accept();
      const outcomes = await cut.writer.apply(rows);
      expect(outcomes.every(({ kind }) => kind !== 'rejected')).toBe(true);
      expect((await cut.held(199))?.version).toBe(version(1));
    } finally {
      await cut.close();
      await proxy.close();
    }
  });
});

/** Code 121 of a BSON answer, wherever it stands, as another one. */
function withCode(data: Buffer, code: number): Buffer {
  const field = Buffer.from('\x10code\0', 'latin1');
  for (let at = data.indexOf(field); at >= 0; at = data.indexOf(field, at + 1))
    if (data.readInt32LE(at + field.length) === 121) data.writeInt32LE(code, at + field.length);
  return data;
}
