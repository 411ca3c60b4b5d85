import type { Column, ColumnKind, WireValue } from './column';
import { keyText, redisValue, rowKeyText } from './text-value';

const column = (kind: ColumnKind, field = 'c'): Column => ({
  name: field,
  field,
  kind,
  sourceKind: kind,
  sqlType: kind,
  nullable: false,
});
/** POINT(1 2) with SRID 4326, little-endian. */
const point = Buffer.from('e61000000101000000000000000000f03f0000000000000040', 'hex').toString('base64');

describe('Redis texts', () => {
  it.each<[ColumnKind, Exclude<WireValue, null>, string | Buffer]>([
    ['int', -5, '-5'],
    ['bigint', '18446744073709551615', '18446744073709551615'],
    ['float', 0.1, '0.1'],
    ['float', -0, '-0'],
    ['bit', true, '1'],
    ['bit', false, '0'],
    ['bit', '255', '255'],
    ['text', 'ü', 'ü'],
    ['binary', 'AP8=', Buffer.from([0, 255])],
    ['geometry', point, 'POINT(1 2)'],
  ])('of %s %s', (kind, value, text) => expect(redisValue(column(kind), value)).toEqual(text));
});

describe('key texts', () => {
  it('keep the parts of a key apart: % and : are encoded, binary is hex', () => {
    expect(keyText(column('text'), 'a:b%c')).toBe('a%3Ab%25c');
    expect(keyText(column('binary'), 'AP8=')).toBe('00ff');
    expect(rowKeyText([column('text', 'a'), column('int', 'b')], { a: 'x:', b: 7 })).toBe('x%3A:7');
  });
});
