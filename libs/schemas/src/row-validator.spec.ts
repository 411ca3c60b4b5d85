import type { Column, ColumnKind, WireRow } from '@tributary/contract';
import { compileRowValidator } from './row-validator';

const column = (kind: ColumnKind, more: Partial<Column> = {}): Column => ({
  name: 'c',
  field: 'c',
  kind,
  sourceKind: kind,
  sqlType: kind,
  nullable: false,
  ...more,
});
/** The fault of a value as JSON text, so that what JSON.parse makes of it is what is judged. */
const fault = (what: Column, json: string) =>
  compileRowValidator({ columns: [what] })(JSON.parse(`{"c":${json}}`) as WireRow, 'after')?.reason.replace(
    /^after\.c /,
    '',
  );

const tiny = column('int', { min: '-128', max: '127' });
const unsigned = column('int', { unsigned: true });
const big = column('bigint');
const bigUnsigned = column('bigint', { unsigned: true, min: '0', max: '18446744073709551615' });
const money = column('decimal', { precision: 5, scale: 2 });
const point = Buffer.from('000000000101000000000000000000f03f0000000000000040', 'hex').toString('base64');

describe('values that a column can hold', () => {
  it.each<[string, Column, string[]]>([
    ['TINYINT', tiny, ['-128', '127', '0', '1e2', '-0']],
    ['INT', column('int'), ['-2147483648', '2147483647']],
    ['INT UNSIGNED', unsigned, ['0', '4294967295']],
    ['YEAR', column('year'), ['0', '1901', '2155']],
    ['BIGINT', big, ['"-9223372036854775808"', '"9223372036854775807"', '"0"', '"-1"']],
    ['BIGINT UNSIGNED', bigUnsigned, ['"0"', '"18446744073709551615"']],
    ['DECIMAL(5,2)', money, ['"-999.99"', '"0.00"', '"1.10"']],
    ['DECIMAL(2,2)', column('decimal', { precision: 2, scale: 2 }), ['"0.99"', '"-0.10"']],
    ['DECIMAL(65,0)', column('decimal', { precision: 65, scale: 0 }), [`"${'9'.repeat(65)}"`]],
    ['FLOAT', column('float', { sqlType: 'float' }), ['3.4028234663852886e38', '-0', '0.1']],
    ['DOUBLE', column('float', { sqlType: 'double' }), ['1.7976931348623157e308', '5e-324']],
    ['BIT(1)', column('bit', { length: 1 }), ['true', 'false']],
    ['BIT(64)', column('bit', { length: 64 }), ['"0"', '"18446744073709551615"']],
    [
      'DATE',
      column('date'),
      ['"2026-02-28"', '"9999-12-31"', '"0000-00-00"', '"2026-00-10"', '"2026-05-00"', '"2026-02-31"'],
    ],
    [
      'DATETIME',
      column('datetime'),
      ['"1000-01-01T00:00:00"', '"0000-00-00 00:00:00"', '"2026-05-00 23:59:59"', '"2026-02-31 10:00:00"'],
    ],
    [
      'DATETIME(6)',
      column('datetime', { fsp: 6 }),
      ['"2026-01-01T23:59:59.999999"', '"0000-00-00 00:00:00.000000"'],
    ],
    [
      'TIMESTAMP(3)',
      column('timestamp', { fsp: 3 }),
      ['"2028-02-29T00:00:00.000Z"', '"0000-00-00 00:00:00.000"'],
    ],
    ['TIME', column('time'), ['"-838:59:59"', '"838:59:59"', '"00:00:00"', '"100:00:00"']],
    ['VARCHAR(3)', column('text', { length: 3 }), ['""', '"abc"', '"😀😀😀"', '"\\u0000"']],
    ['VARCHAR(9) latin1', column('text', { length: 9, charset: 'latin1' }), ['"äÿ€™"']],
    ['VARCHAR(3) utf8mb3', column('text', { charset: 'utf8mb3' }), ['"€字"']],
    [
      'masked VARCHAR(3)',
      column('text', { length: 3, charset: 'ascii', mask: 'sha256' }),
      [`"${'ab'.repeat(32)}"`],
    ],
    ['ENUM', column('enum', { values: ['a', 'B,c'] }), ['"a"', '"B,c"', '""']],
    ['ENUM of unknown members', column('enum'), ['"😀"']],
    ['SET of unknown members', column('set'), ['"😀,b"']],
    ['SET', column('set', { values: ['a', 'b', 'c'] }), ['""', '"b"', '"a,c"']],
    ['VARBINARY(3)', column('binary', { length: 3 }), ['""', '"AP8="', '"AP8B"', '"AA=="']],
    ['JSON', column('json'), ['"null"', '"{\\"a\\":[1e400]}"', '"12345678901234567890"']],
    ['GEOMETRY', column('geometry'), [`"${point}"`]],
  ])('%s', (_, what, values) => {
    for (const value of values) expect([value, fault(what, value)]).toEqual([value, undefined]);
  });
});

describe('R10: values that a column cannot hold', () => {
  it.each<[string, Column, [string, string][]]>([
    [
      'TINYINT',
      tiny,
      [
        ['128', 'outside'],
        ['1.5', 'integer'],
        ['"1"', 'a string'],
        ['true', 'a boolean'],
        ['1e400', 'integer'],
        ['{}', 'an object'],
        ['[1]', 'an array'],
      ],
    ],
    [
      'INT UNSIGNED',
      unsigned,
      [
        ['-1', 'outside'],
        ['4294967296', 'outside'],
      ],
    ],
    [
      'YEAR',
      column('year'),
      [
        ['1900', 'year'],
        ['2156', 'year'],
        ['"2000"', 'year'],
        ['2000.5', 'year'],
      ],
    ],
    [
      'BIGINT',
      big,
      [
        ['"9223372036854775808"', 'outside'],
        ['"-9223372036854775809"', 'outside'],
        ['5', 'a number'],
        ['""', 'digits'],
        ['"1e3"', 'digits'],
        ['"01"', 'leading'],
        ['"-0"', 'minus sign'],
        [`"${'1'.repeat(400)}"`, 'outside'],
      ],
    ],
    [
      'BIGINT UNSIGNED',
      bigUnsigned,
      [
        ['"18446744073709551616"', 'outside'],
        ['"-1"', 'outside'],
      ],
    ],
    [
      'DECIMAL(5,2)',
      money,
      [
        ['"1000.00"', 'fit'],
        ['"1.1"', 'fit'],
        ['"1.101"', 'fit'],
        ['"1"', 'fit'],
        ['"01.10"', 'fit'],
        ['1.1', 'a number'],
        ['"NaN"', 'digits'],
      ],
    ],
    ['DECIMAL UNSIGNED', column('decimal', { precision: 5, scale: 2, unsigned: true }), [['"-1.00"', 'fit']]],
    [
      'FLOAT',
      column('float', { sqlType: 'float' }),
      [
        ['1e39', 'range'],
        ['"1"', 'a string'],
      ],
    ],
    [
      'DOUBLE',
      column('float', { sqlType: 'double' }),
      [
        ['1e400', 'range'],
        ['-1e400', 'range'],
      ],
    ],
    [
      'BIT(1)',
      column('bit', { length: 1 }),
      [
        ['1', 'boolean'],
        ['"1"', 'boolean'],
      ],
    ],
    [
      'BIT(8)',
      column('bit', { length: 8 }),
      [
        ['"256"', 'outside'],
        ['"-1"', 'outside'],
        ['true', 'a boolean'],
      ],
    ],
    [
      'DATE',
      column('date'),
      [
        ['"2026-13-01"', 'date'],
        ['"2026-01-32"', 'date'],
        ['"2026-1-1"', 'date'],
        ['"2026-01-01T00:00:00"', 'date'],
        ['20260101', 'a number'],
      ],
    ],
    [
      'DATETIME',
      column('datetime'),
      [
        ['"2026-01-01 00:00:00"', 'date and time'],
        ['"0000-00-00T00:00:00"', 'date'],
        ['"2026-01-01T24:00:00"', 'date'],
        ['"2026-01-01T00:00:00.0"', 'fractional'],
        ['"2026-01-01T00:00:00Z"', 'date'],
      ],
    ],
    [
      'TIMESTAMP',
      column('timestamp'),
      [
        ['"2026-02-29T00:00:00Z"', 'does not exist'],
        ['"2026-04-31T00:00:00Z"', 'does not exist'],
        ['"2026-01-01T00:00:00"', 'instant'],
        ['"2026-01-00 00:00:00"', 'instant'],
      ],
    ],
    [
      'TIME(1)',
      column('time', { fsp: 1 }),
      [
        ['"839:00:00.0"', 'time'],
        ['"00:60:00.0"', 'time'],
        ['"00:00:00"', 'time'],
        ['"0:00:00.0"', 'time'],
      ],
    ],
    [
      'VARCHAR(3)',
      column('text', { length: 3 }),
      [
        ['"abcd"', '4 characters'],
        ['"😀😀😀😀"', '4 characters'],
        ['"\\ud800"', 'surrogate'],
        ['1', 'a number'],
      ],
    ],
    ['ascii', column('text', { charset: 'ascii' }), [['"ä"', 'ascii lacks']]],
    [
      'latin1',
      column('text', { charset: 'latin1' }),
      [
        ['"字"', 'latin1 lacks'],
        ['"Ā"', 'latin1 lacks'],
      ],
    ],
    ['utf8mb3', column('text', { charset: 'utf8mb3' }), [['"😀"', 'utf8mb3 lacks']]],
    [
      'ENUM',
      column('enum', { values: ['a'] }),
      [
        ['"A"', 'member'],
        ['"b"', 'member'],
        ['1', 'a number'],
      ],
    ],
    [
      'SET',
      column('set', { values: ['a', 'b'] }),
      [
        ['"a,c"', 'member'],
        ['"a,a"', 'repeats'],
        ['"a,"', 'member'],
        ['["a"]', 'an array'],
      ],
    ],
    [
      'VARBINARY(3)',
      column('binary', { length: 3 }),
      [
        ['"AP8BAA=="', '4 bytes'],
        ['"AP8"', 'base64'],
        ['"AP=="', 'base64'],
        ['"A-8B"', 'base64'],
        ['"=A8="', 'base64'],
        ['"AP8\\n"', 'base64'],
        ['1', 'a number'],
      ],
    ],
    [
      'JSON',
      column('json'),
      [
        ['{"a":1}', 'an object'],
        ['"{a}"', 'JSON text'],
        ['""', 'JSON text'],
      ],
    ],
    [
      'GEOMETRY',
      column('geometry'),
      [
        ['"AAAA"', 'geometry'],
        ['""', 'geometry'],
        ['"%"', 'base64'],
      ],
    ],
  ])('%s', (_, what, values) => {
    for (const [value, words] of values)
      expect([value, fault(what, value)]).toEqual([value, expect.stringContaining(words)]);
  });
});

describe('the columns of a row', () => {
  const check = compileRowValidator({
    columns: [column('int', { field: 'id' }), column('text', { field: 'name', nullable: true })],
  });
  const reason = (json: string) => check(JSON.parse(json) as WireRow, 'before')?.reason;

  it('must be exactly those of the schema', () => {
    expect(reason('{"name":null,"id":1}')).toBeUndefined();
    expect(reason('{"id":1}')).toBe('before.name is missing');
    expect(reason('{"id":1,"name":"x","more":1}')).toBe('before.more is no column of this schema');
    expect(reason('{"id":1,"name":"x","__proto__":{}}')).toBe('before.__proto__ is no column of this schema');
    expect(reason('{"id":null,"name":"x"}')).toBe('before.id is null in a NOT NULL column');
  });

  it('are looked for in the row itself, not in what every object inherits', () => {
    const odd = compileRowValidator({ columns: [column('text', { field: 'constructor' })] });
    expect(odd({}, 'after')?.reason).toBe('after.constructor is missing');
    expect(odd(JSON.parse('{"constructor":"x"}') as WireRow, 'after')).toBeUndefined();
    const proto = compileRowValidator({ columns: [column('text', { field: '__proto__' })] });
    expect(proto(JSON.parse('{"__proto__":"x"}') as WireRow, 'after')).toBeUndefined();
    expect(proto(JSON.parse('{"x":"x"}') as WireRow, 'after')?.reason).toBe('after.__proto__ is missing');
  });

  it('never shows a value, and a hostile name only in bounds', () => {
    expect(fault(column('text', { length: 3 }), '"secret"')).not.toContain('secret');
    expect(reason(`{"id":1,"name":"x","a\\n${'b'.repeat(500)}":1}`)).toHaveLength(
      'before. is no column of this schema'.length + 64 + 6,
    );
  });
});

describe('large values', () => {
  it('are checked without recursion or backtracking', () => {
    const binary = compileRowValidator({ columns: [column('binary')] });
    const text = compileRowValidator({ columns: [column('text', { charset: 'latin1', length: 1e9 })] });
    const megabytes = 'A'.repeat(32 * 2 ** 20);
    expect(binary({ c: megabytes }, 'after')).toBeUndefined();
    expect(binary({ c: `${megabytes.slice(0, -4)}A!AA` }, 'after')?.reason).toContain('base64');
    expect(text({ c: megabytes }, 'after')).toBeUndefined();
    const deep = `0000000001070000000100000${'0'}`;
    expect(
      fault(column('geometry'), JSON.stringify(Buffer.from(deep.repeat(1), 'hex').toString('base64'))),
    ).toContain('geometry');
    const nested = Buffer.concat([
      Buffer.alloc(4),
      ...Array.from({ length: 200_000 }, () => Buffer.from('010700000001000000', 'hex')),
    ]);
    expect(fault(column('geometry'), JSON.stringify(nested.toString('base64')))).toContain('geometry');
  });
});
