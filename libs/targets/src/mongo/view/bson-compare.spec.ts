import { mongo } from 'mongoose';
import { plainNumber } from '../../mapping';
import { fieldDifferences, fieldsOfExpected, idIdentity } from './bson-compare';

const { Decimal128, Double, Int32, Long } = mongo;
const compare = (source: object, target: object) =>
  fieldDifferences(fieldsOfExpected(source), fieldsOfExpected(target));

describe('documents compared as BSON', () => {
  it.each([
    [new Int32(5), new Long(5)],
    [new Int32(5), new Double(5)],
    [Decimal128.fromString('1.1'), Decimal128.fromString('1.10')],
    [new Double(0), new Double(-0)],
    ['5', new Int32(5)],
    [null, ''],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [
      [1, 2],
      [2, 1],
    ],
    [new Date(1), new Date(2)],
  ])('R9: %j is not %j', (source, target) => {
    expect(compare({ v: source }, { v: target }).map(({ column }) => column)).toEqual(['v']);
    expect(compare({ v: source }, { v: source })).toEqual([]);
  });

  it('names absent and additional fields, but not those of the sink', () => {
    const differences = compare({ a: 1, _sync: { v: 1 } }, { b: 'x', _sync: { v: 2 } });
    expect(differences).toEqual([
      { column: 'a', source: '{"$numberInt":"1"}', target: undefined },
      { column: 'b', source: undefined, target: '"x"' },
    ]);
  });

  it('a value that the library cannot show is shown as bytes, and ends nothing', () => {
    const hostile = new Map([['v', new Map([['_bsontype', 'Long']])]]);
    const [difference] = compare(hostile, { v: 1 });
    expect(difference?.source).toMatch(/^BSON type 3, 0x[0-9a-f]+/);
    expect(compare(hostile, hostile)).toEqual([]);
  });

  it('does not mind the order of fields', () => {
    expect(compare({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([]);
  });
});

describe('identity of an _id', () => {
  const identity = (id: unknown) => idIdentity(fieldsOfExpected({ _id: id }).get('_id')!);

  it('is the number whatever its type, as MongoDB has it', () => {
    const five = [new Int32(5), new Long(5), new Double(5), Decimal128.fromString('5.00')];
    expect(new Set(five.map(identity)).size).toBe(1);
    expect(identity('5')).not.toBe(identity(new Int32(5)));
    expect(identity(Long.fromString('9007199254740993'))).not.toBe(
      identity(Long.fromString('9007199254740992')),
    );
  });

  it.each([
    ['1.10', '1.1'],
    ['-0.0', '0'],
    ['1E+3', '1000'],
    ['12E-4', '0.0012'],
    ['1.5e3', '1500'],
    ['0.000', '0'],
    ['-7.50', '-7.5'],
    ['NaN', 'NaN'],
    ['1E+6000', '1E+6000'],
  ])('writes %s as %s', (text, plain) => {
    expect(plainNumber(text)).toBe(plain);
  });
});
