import { readGeometry, wktOf } from './wkb';

const srid = (hex: string) => Buffer.from(`00000000${hex}`, 'hex');
const one = '000000000000f03f';
const two = '0000000000000040';
const point = `0101000000${one}${two}`;

describe('wktOf', () => {
  it.each([
    ['POINT(1 2)', point],
    ['POINT(1 2)', '00000000013ff00000000000004000000000000000'],
    ['LINESTRING(1 2,2 1)', `010200000002000000${one}${two}${two}${one}`],
    ['POLYGON((1 2,2 2,1 2))', `01030000000100000003000000${one}${two}${two}${two}${one}${two}`],
    ['MULTIPOINT((1 2),(1 2))', `010400000002000000${point}${point}`],
    ['MULTILINESTRING((1 2,2 1))', `010500000001000000010200000002000000${one}${two}${two}${one}`],
    [
      'MULTIPOLYGON(((1 2,2 2,1 2)))',
      `01060000000100000001030000000100000003000000${one}${two}${two}${two}${one}${two}`,
    ],
    ['GEOMETRYCOLLECTION(POINT(1 2))', `010700000001000000${point}`],
    ['GEOMETRYCOLLECTION EMPTY', '010700000000000000'],
  ])('R9: %s', (text, wkb) => expect(wktOf(srid(wkb))).toBe(text));

  it('reads the SRID', () => {
    expect(readGeometry(Buffer.from(`e6100000${point}`, 'hex'))).toEqual({
      srid: 4326,
      geometry: { type: 'Point', coordinates: [1, 2] },
    });
  });

  it.each([
    ['nothing', ''],
    ['an unknown type', '010900000000000000'],
    ['a count larger than the value', '0102000000ffffff7f'],
    ['a value cut short', point.slice(0, -2)],
  ])('throws a RangeError on %s', (_, wkb) => {
    let thrown: unknown;
    try {
      readGeometry(srid(wkb));
    } catch (error) {
      thrown = error;
    }
    expect((thrown as Error).name).toBe('RangeError');
  });
});
