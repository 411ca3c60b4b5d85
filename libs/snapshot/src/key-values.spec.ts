import { rowCodec, rowKeyText, rowSchema, type Column, type WireRow } from '@tributary/contract';
import { keyOfText } from '@tributary/targets';
import { keyCells } from './key-values';

const column = (kind: Column['kind'], more: Partial<Column> = {}): Column => ({
  ...{ name: kind, field: kind, kind, sourceKind: kind, sqlType: kind, nullable: false },
  ...more,
});

const cases: [Column, string][] = [
  [column('int'), '-5'],
  [column('year'), '2026'],
  [column('bigint', { unsigned: true }), '18446744073709551615'],
  [column('decimal', { scale: 3 }), '-1.100'],
  [column('float'), '-0'],
  [column('float'), '0.1'],
  [column('bit', { length: 1 }), '1'],
  [column('bit', { length: 64 }), '18446744073709551615'],
  [column('date'), '0000-00-00'],
  [column('datetime', { fsp: 6 }), '2026-01-02 03:04:05.123456'],
  [column('datetime'), '0000-00-00 00:00:00'],
  [column('timestamp', { fsp: 3 }), '1774747800.250'],
  [column('timestamp'), '0'],
  [column('time', { fsp: 1 }), '-838:59:59.0'],
  [column('text'), 'a:b%c%3A 😀'],
  [column('text'), ''],
  [column('enum'), 'one'],
  [column('set'), 'x,y'],
  [column('binary'), '00FF3A'],
];

describe('keys and back', () => {
  it.each(cases)('R9: %j: cell %s comes back from the wire and from key texts', (only, cell) => {
    const schema = rowSchema({ table: 'a.b', columns: [only], key: [only.field] });
    const key = JSON.parse(rowCodec(schema).key([cell])) as WireRow;
    expect(keyCells(schema, key)).toEqual([cell]);
    expect(keyOfText([only], rowKeyText([only], key))).toEqual(key);
  });

  it('keeps the parts of a composite key apart', () => {
    const columns = [column('text'), column('int', { field: 'n', name: 'n' })];
    const key = { text: 'a:1', n: 2 };
    expect(keyOfText(columns, rowKeyText(columns, key))).toEqual(key);
    expect(keyOfText(columns, 'a:1:2')).toBeUndefined();
  });

  it.each([
    [column('int'), 'x'],
    [column('bigint'), '1.5'],
    [column('binary'), '0'],
    [column('date'), 'soon'],
    [column('decimal'), '1e5'],
  ])('%j: no row can be called %s', (only, text) => {
    expect(keyOfText([only], text)).toBeUndefined();
  });
});
