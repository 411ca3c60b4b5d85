import type { Column, ColumnKind } from './column';
import { rowSchema } from './row-schema';
import { compileRowEncoder, rowCodec } from './wire-encoder';

const column = (kind: ColumnKind, more: Partial<Column> = {}): Column => ({
  name: 'c',
  field: 'c',
  kind,
  sourceKind: kind,
  sqlType: kind,
  nullable: true,
  ...more,
});
const encode = (what: Column, cell: string | null) => compileRowEncoder([what])([cell]);

describe('compileRowEncoder', () => {
  it.each<[string, Column, string, string]>([
    ['int', column('int'), '-12', '-12'],
    ['int with ZEROFILL', column('int'), '000012', '12'],
    ['int zero with ZEROFILL', column('int'), '0000', '0'],
    ['year 0', column('year'), '0000', '0'],
    ['bigint', column('bigint'), '18446744073709551615', '"18446744073709551615"'],
    ['bigint with ZEROFILL', column('bigint'), '00000000000000000042', '"42"'],
    [
      'decimal',
      column('decimal', { precision: 65, scale: 30 }),
      `-${'9'.repeat(35)}.${'1'.repeat(30)}`,
      `"-${'9'.repeat(35)}.${'1'.repeat(30)}"`,
    ],
    ['decimal with ZEROFILL', column('decimal'), '0001.10', '"1.10"'],
    ['decimal below one', column('decimal'), '-0.50', '"-0.50"'],
    ['float', column('float'), '16777216', '16777216'],
    ['double', column('float'), '1.7976931348623157e308', '1.7976931348623157e+308'],
    ['minus zero', column('float'), '-0', '-0'],
    ['bit(1)', column('bit', { length: 1 }), '1', 'true'],
    ['bit(64)', column('bit', { length: 64 }), '18446744073709551615', '"18446744073709551615"'],
    ['date', column('date'), '2026-02-29', '"2026-02-29"'],
    [
      'datetime(6)',
      column('datetime', { fsp: 6 }),
      '2026-01-02 03:04:05.000006',
      '"2026-01-02T03:04:05.000006"',
    ],
    ['zero datetime', column('datetime'), '0000-00-00 00:00:00', '"0000-00-00 00:00:00"'],
    ['datetime without day', column('datetime'), '2026-05-00 01:02:03', '"2026-05-00 01:02:03"'],
    ['timestamp(6)', column('timestamp', { fsp: 6 }), '1.5', '"1970-01-01T00:00:01.500000Z"'],
    ['timestamp', column('timestamp'), '2147483647', '"2038-01-19T03:14:07Z"'],
    ['zero timestamp(3)', column('timestamp', { fsp: 3 }), '0', '"0000-00-00 00:00:00.000"'],
    ['time', column('time', { fsp: 1 }), '-838:59:59.0', '"-838:59:59.0"'],
    ['text', column('text'), 'a"\\\n\u0000😀', '"a\\"\\\\\\n\\u0000😀"'],
    ['json', column('json'), '{"n":12345678901234567890}', '"{\\"n\\":12345678901234567890}"'],
    ['binary', column('binary'), '00FF10', '"AP8Q"'],
    ['empty binary', column('binary'), '', '""'],
    [
      'sha256',
      column('text', { mask: 'sha256' }),
      'abc',
      '"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"',
    ],
    ['redact of a number', column('text', { sourceKind: 'int', mask: 'redact' }), '4711', '"***"'],
    ['last4', column('text', { mask: 'last4' }), '4111111111111234', '"***1234"'],
    ['last4 of four', column('text', { mask: 'last4' }), '1234', '"***"'],
    ['last4 of emoji', column('text', { mask: 'last4' }), 'ab😀cde', '"***😀cde"'],
  ])('R9: %s', (_, what, cell, wire) => {
    expect(encode(what, cell)).toBe(`{"c":${wire}}`);
  });

  it('keeps NULL apart from every text, masked or not', () => {
    expect(encode(column('text'), null)).toBe('{"c":null}');
    expect(encode(column('text', { mask: 'sha256' }), null)).toBe('{"c":null}');
  });

  it('throws when an image has another number of cells than its schema has columns', () => {
    expect(() => compileRowEncoder([column('int')])(['1', '2'])).toThrow('2 cells, its schema 1 columns');
  });
});

describe('rowCodec', () => {
  it('writes the key in key order, under wire names', () => {
    const columns = ['a', 'b', 'c'].map((name) => column('int', { name, field: name.toUpperCase() }));
    const codec = rowCodec(rowSchema({ table: 'd.t', columns, key: ['C', 'A'] }));
    expect(codec.row(['1', '2', '3'])).toBe('{"A":1,"B":2,"C":3}');
    expect(codec.key(['3', '1'])).toBe('{"C":3,"A":1}');
  });

  it('a schema has the same fingerprint however its columns were written down, and another when one changes', () => {
    const base = rowSchema({ table: 'd.t', columns: [column('int')], key: ['c'] });
    const { nullable, ...rest } = column('int');
    expect(
      rowSchema({ table: 'd.t', columns: [{ nullable, ...rest, max: undefined }], key: ['c'] }),
    ).toMatchObject({
      fingerprint: base.fingerprint,
    });
    expect(rowSchema({ table: 'd.t', columns: [column('bigint')], key: ['c'] }).fingerprint).not.toBe(
      base.fingerprint,
    );
    expect(base.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });
});
