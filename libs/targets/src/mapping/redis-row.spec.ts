import { formatVersion, type Column, type ColumnKind, type WireValue } from '@tributary/contract';
import { column, keyed, schemaOf, settingsOf } from './columns.fixture';
import { redisIndexMember, redisKey } from './redis-key';
import { redisFields, redisMapper } from './redis-row';

const version = formatVersion(1, 42n);
const id = column('id', 'int');

function text(kind: ColumnKind, value: WireValue, extra: Partial<Column> = {}): unknown {
  const schema = schemaOf([id, column('c', kind, extra)]);
  const held = redisFields(schema, settingsOf(), keyed(value), version);
  if (!('fields' in held)) throw new Error('layout hash expected');
  return held.fields.get('c');
}

function json(kind: ColumnKind, value: WireValue): string {
  const schema = schemaOf([id, column('c', kind)]);
  return redisMapper(schema, settingsOf()).json(keyed(value), version);
}

const point = Buffer.from('e61000000101000000000000000000f03f000000000000e0bf', 'hex').toString('base64');

describe('R9: the mapping into Redis, row by row of docs/type-mapping.md', () => {
  const cases: [
    what: string,
    kind: ColumnKind,
    value: WireValue,
    expected: unknown,
    extra?: Partial<Column>,
  ][] = [
    ['INT UNSIGNED max', 'int', 4294967295, '4294967295'],
    ['YEAR', 'year', 2024, '2024'],
    ['BIGINT UNSIGNED max', 'bigint', '18446744073709551615', '18446744073709551615'],
    [
      'DECIMAL(65,30)',
      'decimal',
      `${'9'.repeat(35)}.${'0'.repeat(30)}`,
      `${'9'.repeat(35)}.${'0'.repeat(30)}`,
    ],
    ['DOUBLE 0.1', 'float', 0.1, '0.1'],
    ['DOUBLE -0', 'float', -0, '-0'],
    ['DOUBLE least', 'float', 5e-324, '5e-324'],
    ['BIT(1)', 'bit', true, '1', { length: 1 }],
    ['BIT(1) off', 'bit', false, '0', { length: 1 }],
    ['BIT(64)', 'bit', '18446744073709551615', '18446744073709551615', { length: 64 }],
    ['DATE', 'date', '2024-02-29', '2024-02-29'],
    ['DATETIME(6)', 'datetime', '2024-05-06T07:08:09.123456', '2024-05-06T07:08:09.123456', { fsp: 6 }],
    ['DATETIME zero', 'datetime', '0000-00-00 00:00:00', '0000-00-00 00:00:00'],
    ['TIMESTAMP', 'timestamp', '2024-05-06T07:08:09Z', '2024-05-06T07:08:09Z'],
    ['TIME', 'time', '-838:59:59.000000', '-838:59:59.000000'],
    ['TEXT', 'text', 'a 🦄', 'a 🦄'],
    ['SET', 'set', 'a,c', 'a,c'],
    ['BLOB', 'binary', 'AP9/gA==', Buffer.from([0x00, 0xff, 0x7f, 0x80])],
    ['JSON', 'json', '{"a": 9007199254740993}', '{"a": 9007199254740993}'],
    ['POINT', 'geometry', point, 'POINT(1 -0.5)'],
    ['NULL', 'text', null, undefined],
  ];
  it.each(cases.map(([what, ...rest]) => ({ what, rest })))(
    '$what',
    ({ rest: [kind, value, expected, extra] }) => {
      expect(text(kind, value, extra)).toEqual(expected);
    },
  );

  it('as json: one text that begins with the version', () => {
    const head = `{"_v":"${version}","id":1`;
    expect(json('json', '{"n": 9007199254740993}')).toBe(`${head},"c":{"n": 9007199254740993}}`);
    expect(json('json', '{broken')).toBe(`${head},"c":"{broken"}`);
    expect(json('bigint', '18446744073709551615')).toBe(`${head},"c":"18446744073709551615"}`);
    expect(json('float', -0)).toBe(`${head},"c":-0}`);
    expect(json('geometry', point)).toBe(`${head},"c":"POINT(1 -0.5)"}`);
    expect(json('text', null)).toBe(`${head}}`);
  });

  it('keeps a column called _v apart from the version', () => {
    const schema = schemaOf([id, column('_v', 'text')]);
    const held = redisFields(schema, settingsOf(), { id: 1, _v: 'mine' }, version);
    expect('fields' in held && Object.fromEntries(held.fields)).toEqual({
      id: '1',
      _v_: 'mine',
      _v: version,
    });
  });
});

describe('Redis keys', () => {
  const composite = schemaOf([column('a', 'int'), column('b', 'binary')], ['a', 'b']);
  const key = { a: 1, b: '/w==' };
  it('are database:table:values by default, the index member is what follows', () => {
    expect(redisKey(settingsOf(), composite, key)).toBe('shop:items:1:ff');
    expect(redisIndexMember(settingsOf(), composite, key)).toBe('1:ff');
  });
  it('follow the pattern of the sync file', () => {
    const settings = settingsOf('redis: { key: "s:{b}/{a}", index: s }');
    expect(redisKey(settings, composite, key)).toBe('s:ff/1');
    expect(redisIndexMember(settings, composite, key)).toBe('ff/1');
    const elsewhere = settingsOf('redis: { key: "x:{b}/{a}", index: s }');
    expect(redisIndexMember(elsewhere, composite, key)).toBe('x:ff/1');
  });
  it('R14: refuse a pattern that would mix rows up', () => {
    expect(() => redisKey(settingsOf('redis: { key: "x:{a}" }'), composite, key)).toThrow(/lacks \{b\}/);
    expect(() => redisKey(settingsOf('redis: { key: "x:{a}:{b}:{c}" }'), composite, key)).toThrow(
      /names \{c\}/,
    );
  });
});
