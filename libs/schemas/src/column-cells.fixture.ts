import fc from 'fast-check';
import type { Cell, Column, ColumnKind } from '@tributary/contract';

const column = (kind: ColumnKind, more: Partial<Column> = {}): Column => ({
  name: 'c',
  field: 'c',
  kind,
  sourceKind: kind,
  sqlType: kind,
  nullable: true,
  ...more,
});
const digits = (value: bigint | number) => String(value);
const two = (n: number) => String(n).padStart(2, '0');
const fraction = (fsp: number) =>
  fsp === 0
    ? fc.constant('')
    : fc.integer({ min: 0, max: 10 ** fsp - 1 }).map((n) => `.${String(n).padStart(fsp, '0')}`);
const date = fc
  .tuple(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 31 }))
  .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`);
const clock = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map(two).join(':'));
const text = (max: number) =>
  fc.string({ unit: 'grapheme', maxLength: max }).filter((value) => [...value].length <= max);

/** Columns, each with cells as its capture expression makes them (libs/capture/src/expressions.ts). */
const columnsWithCells: readonly [Column, fc.Arbitrary<string>][] = [
  [column('int', { unsigned: true }), fc.integer({ min: 0, max: 4294967295 }).map(digits)],
  [
    column('int', { unsigned: true, sqlType: 'int(10) unsigned zerofill' }),
    fc.nat().map((n) => digits(n).padStart(10, '0')),
  ],
  [column('year'), fc.oneof(fc.constant('0000'), fc.integer({ min: 1901, max: 2155 }).map(digits))],
  [column('bigint'), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(digits)],
  [column('bigint', { unsigned: true }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(digits)],
  [
    column('decimal', { precision: 12, scale: 4 }),
    fc
      .tuple(fc.boolean(), fc.integer({ min: 0, max: 99_999_999 }), fraction(4))
      .map(([minus, whole, part]) => `${minus ? '-' : ''}${whole}${part}`),
  ],
  [
    column('float', { sqlType: 'double' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? '-0' : String(n))),
  ],
  [
    column('float', { sqlType: 'float' }),
    fc.float({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? '-0' : String(n))),
  ],
  [column('bit', { length: 1 }), fc.constantFrom('0', '1')],
  [column('bit', { length: 64 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(digits)],
  [column('date'), date],
  [column('datetime', { fsp: 3 }), fc.tuple(date, clock, fraction(3)).map(([a, b, c]) => `${a} ${b}${c}`)],
  [
    column('timestamp', { fsp: 6 }),
    fc.oneof(
      fc.constant('0'),
      fc.tuple(fc.integer({ min: 1, max: 4294967295 }), fraction(6)).map(([a, b]) => `${a}${b}`),
    ),
  ],
  [
    column('time', { fsp: 2 }),
    fc
      .tuple(fc.boolean(), fc.integer({ min: 0, max: 838 }), clock, fraction(2))
      .map(([minus, hours, rest, part]) => `${minus ? '-' : ''}${two(hours)}${rest.slice(2)}${part}`),
  ],
  [column('text', { length: 12, charset: 'utf8mb4' }), text(12)],
  [column('text', { length: 3, charset: 'ascii', mask: 'last4' }), text(20)],
  [
    column('text', { sourceKind: 'bigint', mask: 'sha256' }),
    fc.bigInt({ min: 0n, max: 2n ** 63n }).map(digits),
  ],
  [column('enum', { values: ['a', 'ä,"'] }), fc.constantFrom('', 'a', 'ä,"')],
  [
    column('set', { values: ['a', 'b', 'ü'] }),
    fc.subarray(['a', 'b', 'ü']).map((members) => members.join(',')),
  ],
  [
    column('binary', { length: 9 }),
    fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
  ],
  [column('json'), fc.json()],
];

export const columns = columnsWithCells.map(([what]) => what);

export const columnAndCell: fc.Arbitrary<[Column, Cell]> = fc.oneof(
  ...columnsWithCells.map(([what, cells]) => fc.tuple(fc.constant(what), fc.option(cells, { freq: 10 }))),
);
