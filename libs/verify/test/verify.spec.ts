import { mongo } from 'mongoose';
import { counts, Fixture, servers, waysOf } from './fixture';

const { Binary, Decimal128, Double, Int32, Long } = mongo;
const ROWS = 60;

const statements = [
  `CREATE TABLE plain (id INT PRIMARY KEY, name VARCHAR(50), price DECIMAL(10,2), big BIGINT UNSIGNED,
     ratio DOUBLE, made DATETIME(3), raw VARBINARY(10), doc JSON, flag BIT(1), gap INT NULL)`,
  `INSERT INTO plain SELECT n, CONCAT('name ', n), n / 4, 18446744073709551615 - n, n / 3, '2026-01-02 03:04:05.678',
     UNHEX('00FF'), '{"a": [1, 2.5, "x"], "b": 9007199254740993}', b'1', NULL
   FROM (SELECT a.i * 10 + b.i AS n FROM
     (SELECT 0 i UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) a,
     (SELECT 0 i UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) b) numbers`,
  'CREATE TABLE timed (at DATETIME(3) PRIMARY KEY, n INT)',
  "INSERT INTO timed VALUES ('2026-01-02 03:04:05.678', 1)",
];

describe.each(waysOf(servers))('verify against $name by $way', ({ server, way }) => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await Fixture.create(
      server,
      statements,
      `  - table: "{db}.plain"\n    mongo: { database: "{db}" }\n  - { table: "{db}.timed", mongo: { database: "{db}" } }`,
      way,
    );
    await fixture.sync('plain');
    await fixture.sync('timed');
  });
  afterAll(() => fixture.drop());

  it('finds equal targets equal', async () => {
    const { differences, reports } = await fixture.verify('plain');
    expect(differences).toEqual([]);
    const all = { rows: ROWS, equal: ROWS, missing: 0, extra: 0, different: 0, stale: 0, index: 0 };
    expect(counts(reports.get('mongo')!)).toEqual(all);
    expect(counts(reports.get('redis')!)).toEqual(all);
  });

  it('R9: names exactly what was changed by hand in MongoDB, to the BSON type and the scale', async () => {
    const collection = fixture.collection('plain');
    const set = (id: number, fields: object) =>
      collection.updateOne({ _id: id as never }, { $set: fields }, { promoteValues: false } as object);
    await set(1, { name: 'changed' });
    await set(2, { big: Double.fromString('5') });
    await set(3, { price: Decimal128.fromString('0.750') });
    await set(4, { made: new Date('2026-01-02T03:04:05.679Z') });
    await set(5, { raw: new Binary(Buffer.from('00FE', 'hex')) });
    await set(6, { more: 1 });
    await collection.updateOne({ _id: 7 as never }, { $unset: { gap: '' } });
    await set(8, { 'doc.a': [new Int32(1), 2.5, 'y'] });
    await set(9, { ratio: new Long(3) });
    await set(10, { '_sync.v': new Long(7) });
    await collection.deleteOne({ _id: 11 as never });
    await collection.insertOne({ _id: 777 as never, name: 'stranger' });
    await collection.insertOne({ _id: 'no key of ours' as never });

    const { differences, reports } = await fixture.verify('plain');
    const named = differences.map(({ target, kind, id, columns }) => [
      target,
      kind,
      id,
      columns.map(({ column }) => column).join(),
    ]);
    expect(named.sort()).toEqual(
      [
        ['mongo', 'different', '{"$numberInt":"1"}', 'name'],
        ['mongo', 'different', '{"$numberInt":"2"}', 'big'],
        ['mongo', 'different', '{"$numberInt":"3"}', 'price'],
        ['mongo', 'different', '{"$numberInt":"4"}', 'made'],
        ['mongo', 'different', '{"$numberInt":"5"}', 'raw'],
        ['mongo', 'different', '{"$numberInt":"6"}', 'more'],
        ['mongo', 'different', '{"$numberInt":"7"}', 'gap'],
        ['mongo', 'different', '{"$numberInt":"8"}', 'doc'],
        ['mongo', 'different', '{"$numberInt":"9"}', 'ratio'],
        ['mongo', 'missing', '{"$numberInt":"11"}', ''],
        ['mongo', 'extra', '{"$numberInt":"777"}', ''],
        ['mongo', 'extra', '"no key of ours"', ''],
      ].sort(),
    );
    expect(counts(reports.get('mongo')!)).toEqual({
      ...{ rows: ROWS, equal: ROWS - 10, missing: 1, extra: 2, different: 9, stale: 0, index: 0 },
    });
    expect(differences.find(({ id }) => id.includes('"3"'))?.columns).toEqual([
      { column: 'price', source: '{"$numberDecimal":"0.75"}', target: '{"$numberDecimal":"0.750"}' },
    ]);
    await collection.deleteMany({});
    await fixture.sync('plain');
    expect((await fixture.verify('plain')).differences).toEqual([]);
  });

  it('an _id of another form than the sink writes is extra, though it reads as a key', async () => {
    const collection = fixture.collection('timed');
    const held = (await collection.findOne({}))!._id as unknown;
    const other = held instanceof Date ? '2026-01-02T03:04:05.678' : new Date('2026-01-02T03:04:05.678Z');
    await collection.insertOne({ _id: other as never, n: 1 });
    const { differences } = await fixture.verify('timed');
    expect(differences.map(({ target, kind, key }) => [target, kind, key])).toEqual([
      ['mongo', 'extra', null],
    ]);
    await collection.deleteOne({ _id: other as never });
    expect((await fixture.verify('timed')).differences).toEqual([]);
  });

  it('R9: names exactly what was changed by hand in Redis, the index set included', async () => {
    const { redis, database } = fixture;
    const key = (id: number) => `${database}:plain:${id}`;
    const index = `${database}:plain`;
    await redis.hset(key(1), 'name', 'changed');
    await redis.hset(key(2), 'raw', Buffer.from('00FE', 'hex'));
    await redis.hset(key(3), 'more', '1');
    await redis.hdel(key(4), 'flag');
    await redis.del(key(5));
    await redis.set(key(6), 'a string').catch(() => undefined);
    await redis.srem(index, '7');
    await redis.sadd(index, '888', 'not a number');
    await redis.hset(key(999), 'name', 'stranger');
    await redis.hset(key(10), '_v', '0'.repeat(19));

    const { differences, reports } = await fixture.verify('plain');
    const named = differences.map(({ target, kind, id, columns }) => [
      target,
      kind,
      id.replace(`${database}:plain:`, ''),
      columns.map(({ column }) => column).join(),
    ]);
    expect(named.sort()).toEqual(
      [
        ['redis', 'different', '1', 'name'],
        ['redis', 'different', '2', 'raw'],
        ['redis', 'different', '3', 'more'],
        ['redis', 'different', '4', 'flag'],
        ['redis', 'missing', '5', ''],
        ['redis', 'different', '6', ''],
        ['redis', 'index', '7', ''],
        ['redis', 'index', '888', ''],
        ['redis', 'index', `member not a number of ${index}`, ''],
        ['redis', 'extra', '999', ''],
      ].sort(),
    );
    expect(counts(reports.get('redis')!)).toEqual({
      ...{ rows: ROWS, equal: ROWS - 7, missing: 1, extra: 1, different: 5, stale: 0, index: 3 },
    });
    await redis.srem(index, '888', 'not a number');
    await redis.del(key(999), ...Array.from({ length: 12 }, (_, id) => key(id)));
    await fixture.sync('plain');
    expect((await fixture.verify('plain')).differences).toEqual([]);
  });

  it('R8: finds what TRUNCATE took away without a trigger', async () => {
    await fixture.admin.query('CREATE TABLE kept AS SELECT * FROM plain');
    await fixture.admin.query('TRUNCATE plain');
    const { reports } = await fixture.verify('plain');
    const gone = { rows: 0, equal: 0, missing: 0, extra: ROWS, different: 0, stale: 0, index: 0 };
    expect(counts(reports.get('mongo')!)).toEqual(gone);
    expect(counts(reports.get('redis')!)).toEqual(gone);
    await fixture.admin.query('INSERT INTO plain SELECT * FROM kept');
  });
});
