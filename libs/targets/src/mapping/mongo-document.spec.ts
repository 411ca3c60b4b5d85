import { formatVersion, type Column, type ColumnKind, type WireValue } from '@tributary/contract';
import { BSON, Decimal128, Long } from './bson';
import { column, keyed, schemaOf, settingsOf } from './columns.fixture';
import { mongoDocument, mongoId } from './mongo-document';
import { typesOf, type BsonType } from './mongo-types';
import { UnmappableError } from './unmappable';

const version = formatVersion(1, 42n);
const at = new Date('2026-01-02T03:04:05Z');
const id = column('id', 'int');

type Extra = Partial<Column>;

/** Through BSON and back, types kept: what really is in the target, as extended JSON. */
function stored(kind: ColumnKind, value: WireValue, extra: Extra = {}, entry = ''): unknown {
  const schema = schemaOf([id, column('c', kind, extra)]);
  const document = mongoDocument(schema, settingsOf(entry), keyed(value), version, at);
  return ejson(document)['c'];
}

function ejson(document: object): Record<string, unknown> {
  const back = BSON.deserialize(BSON.serialize(document), { promoteValues: false, promoteLongs: false });
  return BSON.EJSON.serialize(back, { relaxed: false }) as Record<string, unknown>;
}

const int = (text: string) => ({ $numberInt: text });
const long = (text: string) => ({ $numberLong: text });
const double = (text: string) => ({ $numberDouble: text });
const decimal = (text: string) => ({ $numberDecimal: text });
const binary = (base64: string) => ({ $binary: { base64, subType: '00' } });
const date = (iso: string) => ({ $date: long(String(Date.parse(iso))) });
const wkb = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const point = (srid: string) => wkb(`${srid}0101000000000000000000f03f000000000000e0bf`);

const digits65 = `${'9'.repeat(35)}.${'9'.repeat(30)}`;

describe('R9: the mapping into MongoDB, row by row of docs/type-mapping.md', () => {
  const cases: [
    what: string,
    kind: ColumnKind,
    value: WireValue,
    expected: unknown,
    extra?: Extra,
    entry?: string,
  ][] = [
    ['TINYINT', 'int', -128, int('-128')],
    ['INT min', 'int', -2147483648, int('-2147483648')],
    ['INT max', 'int', 2147483647, int('2147483647')],
    ['INT UNSIGNED max', 'int', 4294967295, long('4294967295')],
    ['YEAR', 'year', 2155, int('2155')],
    ['YEAR 0000', 'year', 0, int('0')],
    ['BIGINT small', 'bigint', '5', long('5')],
    ['BIGINT min', 'bigint', '-9223372036854775808', long('-9223372036854775808')],
    ['BIGINT max', 'bigint', '9223372036854775807', long('9223372036854775807')],
    ['BIGINT past 2^53', 'bigint', '9007199254740993', long('9007199254740993')],
    [
      'BIGINT UNSIGNED past int64',
      'bigint',
      '9223372036854775808',
      decimal('9223372036854775808'),
      { unsigned: true },
    ],
    [
      'BIGINT UNSIGNED max',
      'bigint',
      '18446744073709551615',
      decimal('18446744073709551615'),
      { unsigned: true },
    ],
    ['DECIMAL keeps its scale', 'decimal', '1.10', decimal('1.10'), { precision: 10, scale: 2 }],
    ['DECIMAL zero', 'decimal', '0.00', decimal('0.00'), { precision: 10, scale: 2 }],
    ['DECIMAL small', 'decimal', '-0.01', decimal('-0.01'), { precision: 10, scale: 2 }],
    ['DECIMAL of 15 digits', 'decimal', '-999999999999.999', decimal('-999999999999.999'), { precision: 15 }],
    [
      'DECIMAL of 34 digits',
      'decimal',
      `${'9'.repeat(24)}.${'9'.repeat(10)}`,
      decimal(`${'9'.repeat(24)}.${'9'.repeat(10)}`),
      { precision: 34 },
    ],
    ['DECIMAL(65,30)', 'decimal', digits65, digits65, { precision: 65, scale: 30 }],
    ['DECIMAL(35,0) is a string whatever its value', 'decimal', '7', '7', { precision: 35 }],
    ['DOUBLE whole', 'float', 5, double('5.0')],
    ['DOUBLE -0', 'float', -0, double('-0.0')],
    ['DOUBLE 0.1', 'float', 0.1, double('0.1')],
    ['DOUBLE least', 'float', 5e-324, double('5e-324')],
    ['DOUBLE max', 'float', 1.7976931348623157e308, double('1.7976931348623157e+308')],
    ['FLOAT 16777216', 'float', 16777216, double('16777216.0')],
    ['BIT(1)', 'bit', true, true, { length: 1 }],
    ['BIT(8)', 'bit', '255', long('255'), { length: 8 }],
    ['BIT(63)', 'bit', '9223372036854775807', long('9223372036854775807'), { length: 63 }],
    ['BIT(64)', 'bit', '18446744073709551615', binary('//////////8='), { length: 64 }],
    ['BIT(64) of a small value', 'bit', '1', binary('AAAAAAAAAAE='), { length: 64 }],
    ['DATE', 'date', '2024-02-29', '2024-02-29'],
    ['DATE as date', 'date', '2024-02-29', date('2024-02-29T00:00:00Z'), {}, 'mongo: { temporal: date }'],
    [
      'DATE of the year 1',
      'date',
      '0001-01-01',
      date('0001-01-01T00:00:00Z'),
      {},
      'mongo: { temporal: date }',
    ],
    ['DATE zero', 'date', '0000-00-00', '0000-00-00', {}, 'mongo: { temporal: date }'],
    ['DATE zero month', 'date', '2026-00-00', '2026-00-00', {}, 'mongo: { temporal: date }'],
    ['DATE that no month has', 'date', '2026-02-31', '2026-02-31', {}, 'mongo: { temporal: date }'],
    ['DATETIME', 'datetime', '2024-05-06T07:08:09', date('2024-05-06T07:08:09Z'), { fsp: 0 }],
    ['DATETIME(3)', 'datetime', '9999-12-31T23:59:59.999', date('9999-12-31T23:59:59.999Z'), { fsp: 3 }],
    ['DATETIME(1)', 'datetime', '2024-05-06T07:08:09.5', date('2024-05-06T07:08:09.5Z'), { fsp: 1 }],
    ['DATETIME(6)', 'datetime', '2024-05-06T07:08:09.123456', '2024-05-06T07:08:09.123456', { fsp: 6 }],
    [
      'DATETIME(6) as date',
      'datetime',
      '2024-05-06T07:08:09.123456',
      date('2024-05-06T07:08:09.123Z'),
      { fsp: 6 },
      'mongo: { temporal: date }',
    ],
    [
      'DATETIME as string',
      'datetime',
      '2024-05-06T07:08:09',
      '2024-05-06T07:08:09',
      { fsp: 0 },
      'mongo: { temporal: string }',
    ],
    ['DATETIME zero', 'datetime', '0000-00-00 00:00:00', '0000-00-00 00:00:00', { fsp: 0 }],
    ['DATETIME that no month has', 'datetime', '2026-02-31T01:02:03', '2026-02-31 01:02:03', { fsp: 0 }],
    ['TIMESTAMP', 'timestamp', '2038-01-19T03:14:07Z', date('2038-01-19T03:14:07Z'), { fsp: 0 }],
    ['TIMESTAMP(3)', 'timestamp', '1970-01-01T00:00:01.250Z', date('1970-01-01T00:00:01.250Z'), { fsp: 3 }],
    ['TIMESTAMP(6)', 'timestamp', '2024-05-06T07:08:09.000001Z', '2024-05-06T07:08:09.000001Z', { fsp: 6 }],
    ['TIMESTAMP zero', 'timestamp', '0000-00-00 00:00:00', '0000-00-00 00:00:00', { fsp: 0 }],
    ['TIME negative', 'time', '-838:59:59', '-838:59:59'],
    ['TEXT with an emoji', 'text', 'naïve 🦄\u0000', 'naïve 🦄\u0000'],
    ['ENUM', 'enum', 'small', 'small'],
    ['SET', 'set', 'a,c', ['a', 'c']],
    ['SET of nothing', 'set', '', []],
    ['BLOB', 'binary', 'AP9/gA==', binary('AP9/gA==')],
    ['BLOB of nothing', 'binary', '', binary('')],
    ['POINT', 'geometry', point('00000000'), { type: 'Point', coordinates: [double('1.0'), double('-0.5')] }],
    [
      'POINT with SRID',
      'geometry',
      point('e6100000'),
      { type: 'Point', coordinates: [double('1.0'), double('-0.5')], srid: int('4326') },
    ],
    [
      'GEOMETRYCOLLECTION',
      'geometry',
      wkb('00000000010700000000000000'),
      { type: 'GeometryCollection', geometries: [] },
    ],
    ['NULL', 'int', null, null],
  ];
  it.each(cases.map(([what, ...rest]) => ({ what, rest })))('$what', ({ rest }) => {
    const [kind, value, expected, extra = {}, entry = ''] = rest;
    expect(stored(kind, value, extra, entry)).toEqual(expected);
    expect(typesOf(column('c', kind, extra), settingsOf(entry).mongo.temporal)).toContain(typeOf(expected));
  });

  /** The `$jsonSchema` name of the type of a value in canonical extended JSON. */
  function typeOf(value: unknown): BsonType {
    if (value === null) return 'null';
    if (Array.isArray(value)) return 'array';
    if (typeof value === 'boolean') return 'bool';
    if (typeof value !== 'object') return 'string';
    const wrapped: Record<string, BsonType> = {
      ...{ $numberInt: 'int', $numberLong: 'long', $numberDouble: 'double', $numberDecimal: 'decimal' },
      ...{ $date: 'date', $binary: 'binData' },
    };
    return wrapped[Object.keys(value)[0]!] ?? 'object';
  }

  const json: [text: string, expected: unknown][] = [
    ['{"a": 1, "b": [true, null, "x"]}', { a: int('1'), b: [true, null, 'x'] }],
    ['2147483648', long('2147483648')],
    ['9007199254740993', long('9007199254740993')],
    ['-9223372036854775808', long('-9223372036854775808')],
    ['18446744073709551615', decimal('18446744073709551615')],
    ['1e3', double('1000.0')],
    ['1.0', double('1.0')],
    ['-0.0', double('-0.0')],
    ['1.10', double('1.1')],
    ['0.1', double('0.1')],
    ['3.141592653589793', double('3.141592653589793')],
    ['3.14159265358979323846', decimal('3.14159265358979323846')],
    ['1e400', decimal('1E+400')],
    [`0.${'1'.repeat(40)}`, `0.${'1'.repeat(40)}`],
    ['1'.repeat(40), '1'.repeat(40)],
    ['"text"', 'text'],
    ['null', null],
    ['[]', []],
    ['{"$set": 1, "a.b": 2, "": 3}', { $set: int('1'), 'a.b': int('2'), '': int('3') }],
    ['{"toBSON": 1}', { toBSON: int('1') }],
    ['{"a": 1, "a": 2}', { a: int('2') }],
    ['{"a": 12345678901, "a": 2}', { a: int('2') }],
    ['{"a\\u0000b": 1}', '{"a\\u0000b": 1}'],
    ['["\\ud800"]', '["\\ud800"]'],
    ['["\\ud83e\\udd84"]', ['🦄']],
    ['{not json', '{not json'],
  ];
  it.each(json)('JSON %s', (text, expected) => {
    expect(stored('json', text)).toEqual(expected);
  });

  it.each(['{"_bsontype":"Long","x":1}', '{"_bsontype":{"_bsontype":7}}', '{"a":[{"_bsontype":"Code"}]}'])(
    'JSON %s is data, not one of the driver’s types',
    (text) => {
      for (const spelled of [text, text.replace('_b', '\\u005fb')]) {
        const row = keyed(spelled);
        const document = mongoDocument(schemaOf([id, column('c', 'json')]), settingsOf(), row, version, at);
        expect(BSON.deserialize(BSON.serialize(document))['c']).toEqual(JSON.parse(text));
      }
    },
  );

  it('JSON with a member __proto__ keeps it', () => {
    const document = mongoDocument(
      schemaOf([id, column('c', 'json')]),
      settingsOf(),
      keyed('{"__proto__": {"x": 1}}'),
      version,
      at,
    );
    const { c } = BSON.deserialize(BSON.serialize(document)) as { c: object };
    expect(Object.entries(c)).toEqual([['__proto__', { x: 1 }]]);
  });

  it('writes _id, the columns, and the version as Long with the time', () => {
    const document = mongoDocument(schemaOf([id, column('c', 'int')]), settingsOf(), keyed(2), version, at);
    const sync = { v: long('1000000000000042'), at: date(at.toISOString()) };
    expect(ejson(document)).toEqual({ _id: int('1'), id: int('1'), c: int('2'), _sync: sync });
    expect(Object.keys(document)).toEqual(['_id', 'id', 'c', '_sync']);
  });

  it('refuses geometry bytes that are none and images that lack a column', () => {
    expect(() => stored('geometry', 'AAAA')).toThrow(UnmappableError);
    const schema = schemaOf([id, column('c', 'int')]);
    expect(() => mongoDocument(schema, settingsOf(), { id: 1 }, version, at)).toThrow(/lacks the column c/);
  });

  it('keeps columns of any name apart from its own fields', () => {
    const names = ['_id', '_sync', '_sync_', '__proto__', '1', '_bsontype', 'a.b', '$x', 'toBSON'];
    const schema = schemaOf([id, ...names.map((name) => column(name, 'text'))]);
    const row = JSON.parse(
      JSON.stringify({ id: 1 }).replace(
        '}',
        names.map((name) => `,${JSON.stringify(name)}:"${name}!"`).join('') + '}',
      ),
    );
    const document = mongoDocument(schema, settingsOf(), row, version, at) as Map<string, unknown>;
    const back = BSON.deserialize(BSON.serialize(document));
    const fields = new Map(Object.entries(back).filter(([name]) => name !== '_sync'));
    expect(Object.fromEntries([...fields].filter(([name]) => name !== '__proto__'))).toEqual({
      ...{ _id: 1, id: 1, _id_: '_id!', _sync__: '_sync!', _sync_: '_sync_!', 1: '1!' },
      ...{ _bsontype: '_bsontype!', 'a.b': 'a.b!', $x: '$x!', toBSON: 'toBSON!' },
    });
    expect(fields.get('__proto__')).toBe('__proto__!');
  });

  it('a key column called _id is the _id itself', () => {
    const schema = schemaOf([column('_id', 'bigint'), column('c', 'int')]);
    const document = mongoDocument(schema, settingsOf(), { _id: '7', c: 1 }, version, at);
    expect(Object.keys(document)).toEqual(['_id', 'c', '_sync']);
  });
});

describe('mongoId', () => {
  const composite = schemaOf([column('a', 'int'), column('b', 'text')], ['a', 'b']);
  it('is the key value in its mapped type', () => {
    expect(mongoId(schemaOf([column('k', 'bigint')]), settingsOf(), { k: '18446744073709551615' })).toEqual(
      Decimal128.fromString('18446744073709551615'),
    );
    expect(mongoId(schemaOf([column('k', 'bigint')]), settingsOf(), { k: '5' })).toEqual(Long.fromNumber(5));
    expect(mongoId(schemaOf([column('k', 'set')]), settingsOf(), { k: 'a,b' })).toBe('a,b');
  });
  it('never cuts digits off a temporal key', () => {
    const schema = schemaOf([column('k', 'datetime', { fsp: 6 })]);
    const text = '2024-05-06T07:08:09.123456';
    expect(mongoId(schema, settingsOf('mongo: { temporal: date }'), { k: text })).toBe(text);
  });
  it('is text or a sub-document for a composite key', () => {
    const key = { a: 1, b: 'x:y%' };
    expect(mongoId(composite, settingsOf(), key)).toBe('1:x%3Ay%25');
    expect(mongoId(composite, settingsOf('mongo: { id: document }'), key)).toEqual(
      new Map<string, unknown>([
        ['a', 1],
        ['b', 'x:y%'],
      ]),
    );
  });
});
