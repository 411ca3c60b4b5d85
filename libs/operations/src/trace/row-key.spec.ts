import { rowSchema, type Column, type ColumnKind } from '@tributary/contract';
import { wireKeyOf } from './row-key';

const column = (name: string, kind: ColumnKind, more: Partial<Column> = {}): Column => ({
  ...{ name, field: name, kind, sourceKind: kind, sqlType: kind, nullable: false },
  ...more,
});
const keyed = (...columns: Column[]) =>
  rowSchema({ table: 'shop.t', columns, key: columns.map(({ field }) => field) });

describe('a key as a person writes it', () => {
  it.each<[Column, string, unknown]>([
    [column('id', 'int'), ' 007', 7],
    [column('id', 'bigint'), '18446744073709551615', '18446744073709551615'],
    [column('d', 'decimal', { precision: 6, scale: 2 }), '01.5', '1.50'],
    [column('t', 'text'), ' as it is ', ' as it is '],
    [column('b', 'binary'), '0x00ff', 'AP8='],
    [column('at', 'datetime', { fsp: 3 }), '2026-11-29T10:15:00.5', '2026-11-29T10:15:00.500'],
    [column('at', 'timestamp', { fsp: 0 }), '2026-11-29 10:15:00', '2026-11-29T10:15:00Z'],
    [column('on', 'date'), '2026-11-29', '2026-11-29'],
  ])('%j: %s', (of, text, wire) => {
    expect(wireKeyOf(keyed(of), [text])).toEqual({ [of.field]: wire });
  });

  it.each<[Column, string]>([
    [column('id', 'int'), '1 OR 1=1'],
    [column('b', 'binary'), 'xyz'],
    [column('on', 'date'), 'yesterday'],
  ])('%j is not %s', (of, text) => {
    expect(() => wireKeyOf(keyed(of), [text])).toThrow(`The key column ${of.name} is`);
  });

  it('says which columns the key has', () => {
    expect(() => wireKeyOf(keyed(column('a', 'int'), column('b', 'int')), ['1'])).toThrow(
      'has 2 columns (a, b), not 1',
    );
  });
});
