import { mongo } from 'mongoose';
import { Fixture, servers, waysOf } from './fixture';

/** Keys of every kind: each row must be found from either side, and strangers beside it told apart. */
const tables = [
  {
    name: 'texts',
    key: 'k VARCHAR(40) COLLATE utf8mb4_general_ci',
    primary: 'k',
    rows: ["'a:b%c'", "'Straße'", "'with space'", "'日本語 😀'", "'UPPER'", "''"],
    strange: ['upper', 'x'],
  },
  {
    name: 'composite',
    key: 'a BIGINT UNSIGNED NOT NULL, b DATETIME(6) NOT NULL',
    primary: 'a, b',
    rows: ["18446744073709551615, '2026-01-02 03:04:05.123456'", "0, '2026-01-02 03:04:05.123457'"],
    strange: ['1:2026-01-02T03%3A04%3A05.123456'],
  },
  {
    name: 'bytes',
    key: 'k VARBINARY(20)',
    primary: 'k',
    rows: ["x'00FF'", "x''", "x'3A25'"],
    strange: [new mongo.Binary(Buffer.from([1]))],
  },
  {
    name: 'amounts',
    key: 'k DECIMAL(12,3)',
    primary: 'k',
    rows: ['1.100', '-5.000', '0.000'],
    strange: [mongo.Decimal128.fromString('7.5')],
  },
  {
    name: 'instants',
    key: "k TIMESTAMP(3) NOT NULL DEFAULT '2020-01-01 00:00:00'",
    primary: 'k',
    rows: ["'2026-03-29 01:30:00.250'", "'1999-12-31 23:59:59.000'"],
    strange: [new Date(0)],
  },
  {
    name: 'choices',
    key: "k ENUM('z','a') NOT NULL, s SET('x','y') NOT NULL",
    primary: 'k, s',
    rows: ["'z', 'x,y'", "'a', ''"],
    strange: ['a:x'],
  },
  {
    name: 'days',
    key: 'k DATE NOT NULL, y YEAR NOT NULL',
    primary: 'k, y',
    rows: ["'2026-02-28', 2026", "'0000-00-00', 1901"],
    strange: ['2026-02-28:2025'],
  },
  {
    name: 'bits',
    key: 'k BIT(64) NOT NULL',
    primary: 'k',
    rows: ['18446744073709551615', '0', '5'],
    strange: [new mongo.Binary(Buffer.alloc(8, 7))],
  },
  { name: 'numbers', key: 'k BIGINT', primary: 'k', rows: ['9223372036854775807', '-1', '5'], strange: [6] },
];

const layouts = [
  'redis: { as: hash }',
  'redis: { as: json }, mongo: { id: document }',
  'redis: { as: fields }',
];

const create = tables.flatMap(({ name, key, primary, rows }) => {
  const columns = primary.split(', ').join(', ');
  return [
    `CREATE TABLE ${name} (${key}, v VARCHAR(20) NULL, doc JSON, PRIMARY KEY (${primary}))`,
    `INSERT INTO ${name} (${columns}, v, doc) VALUES ${rows.map((row, at) => `(${row}, ${at === 0 ? 'NULL' : `'v${at}'`}, '{"n": 1.50}')`).join(', ')}`,
  ];
});

const cases = waysOf(servers).flatMap(({ server, way, name }) =>
  layouts.slice(0, server === servers[0] ? 3 : 1).map((layout) => ({ server, way, name, layout })),
);

describe.each(cases)('keys of $name with $layout by $way', ({ server, way, layout }) => {
  let fixture: Fixture;

  beforeAll(async () => {
    const entries = tables.map(({ name }) => `  - { table: "{db}.${name}", ${layout} }`);
    fixture = await Fixture.create(server, ["SET sql_mode = ''", ...create], entries.join('\n'), way);
  });
  afterAll(() => fixture.drop());

  it.each(tables)('finds each row of $name from both sides, and a stranger beside them', async (table) => {
    const { name, rows, strange } = table;
    await fixture.sync(name);
    const equal = await fixture.verify(name);
    expect(equal.differences).toEqual([]);
    expect(equal.reports.get('mongo')!.rows).toBe(rows.length);

    const document = layout.includes('document') && table.primary.includes(',');
    for (const id of document ? [] : strange) await fixture.collection(name).insertOne({ _id: id as never });
    const { differences } = await fixture.verify(name);
    expect(differences.map(({ kind, target }) => `${kind} ${target}`)).toEqual(
      document ? [] : strange.map(() => 'extra mongo'),
    );
    // Each has a key of its own, by which a delete can be sent through the pipeline.
    for (const { key } of differences) expect(key).not.toBeNull();
  });

  const itScans = way === 'scan' ? it : it.skip;
  itScans.each(tables)(
    'tells the names of $name by its keys alone, and the same of some of them',
    async ({ name }) => {
      const source = fixture.source(name);
      for (const { plugin, scan } of fixture.scans(name)) {
        const rules = plugin.scan!;
        const [expected, namesOf] = [rules.expected(source.plan), rules.names(source.plan)];
        const names = new Set<string>();
        for await (const keys of source.keys(null, null))
          for await (const rows of source.rowsOf(
            fixture.relay,
            keys.map(({ key }) => key),
          ))
            for (const row of rows) {
              const told = (entries: readonly { list: number; name: string }[]) =>
                new Set(entries.map((entry) => `${entry.list} ${entry.name}`));
              expect(told(namesOf(row))).toEqual(told(expected(row)));
              for (const entry of namesOf(row)) names.add(entry.name);
            }
        for (const part of rules.parts(source.plan, [])) {
          const digests = async (wanted?: (entry: string) => boolean) => {
            const found: string[] = [];
            for await (const entries of scan.entries(part, wanted))
              for (const entry of entries)
                if (names.has(entry.name))
                  found.push(`${entry.name} ${entry.digest.toString('hex')} ${entry.ref()}`);
            return found.sort();
          };
          expect(await digests((entry) => names.has(entry))).toEqual(await digests());
        }
      }
    },
  );

  it.each(tables)(
    'sees every row of $name missing after the targets were emptied',
    async ({ name, rows }) => {
      await fixture.collection(name).deleteMany({});
      for await (const keys of fixture.redis.scanStream({
        match: `${fixture.database}:${name}*`,
        count: 5_000,
      }))
        if (keys.length > 0) await fixture.redis.del(...(keys as string[]));
      const { differences } = await fixture.verify(name);
      expect(differences.map(({ kind }) => kind)).toEqual(Array(rows.length * 2).fill('missing'));
    },
  );
});
