import { Binary, Double } from './bson';
import {
  columnsTable,
  decimal,
  digitText,
  double,
  int,
  long,
  type Cell,
  type MatrixTable,
  type Server,
} from './matrix-table';

const nines = (whole: number, fraction = 0) =>
  '9'.repeat(whole) + (fraction > 0 ? `.${'9'.repeat(fraction)}` : '');

const boolean = (value: boolean): Cell => ({
  sql: value ? "b'1'" : "b'0'",
  mongo: value,
  redis: value ? '1' : '0',
});
const bits64 = (hex: string, digits: string): Cell => ({
  sql: digits,
  mongo: new Binary(Buffer.from(hex, 'hex')),
  redis: digits,
});

/** MariaDB stores minus zero as zero, however it is written. */
const minusZero = (server: Server) =>
  server === 'mysql' ? double("'-0'", -0, '-0') : double("'-0'", 0, '0');

export function numberTables(server: Server): MatrixTable[] {
  return [
    columnsTable('integers', [
      { type: 'TINYINT', cells: [int(-128), int(127), int(0)] },
      { type: 'TINYINT UNSIGNED', cells: [int(0), int(255)] },
      { type: 'BOOLEAN', cells: [int(1), int(0)] },
      { type: 'SMALLINT', cells: [int(-32768), int(32767)] },
      { type: 'SMALLINT UNSIGNED', cells: [int(65535), int(0)] },
      { type: 'MEDIUMINT', cells: [int(-8388608), int(8388607)] },
      { type: 'MEDIUMINT UNSIGNED', cells: [int(16777215), int(0)] },
      { type: 'INT', cells: [int(-2147483648), int(2147483647), int(-1)] },
      { type: 'INT UNSIGNED', cells: [long('4294967295'), long('2147483648'), int(2147483647), int(0)] },
      { type: 'INT(9) ZEROFILL', cells: [int(42), int(0), int(123456789)] },
      {
        type: 'BIGINT',
        cells: [
          long('-9223372036854775808'),
          long('9223372036854775807'),
          long('9007199254740993'),
          long('-9007199254740993'),
          long('0'),
          long('7'),
        ],
      },
      {
        type: 'BIGINT UNSIGNED',
        cells: [
          decimal('18446744073709551615'),
          long('9223372036854775807'),
          decimal('9223372036854775808'),
          long('9007199254740993'),
          long('0'),
        ],
      },
      { type: 'BIGINT(22) UNSIGNED ZEROFILL', cells: [long('1'), decimal('18446744073709551615')] },
      { type: 'YEAR', cells: [int(1901), int(2155), { ...int(0), sql: "'0000'" }] },
      { type: 'BIT(1)', cells: [boolean(true), boolean(false)] },
      { type: 'BIT(8)', cells: [long('255'), long('0'), long('65')] },
      { type: 'BIT(63)', cells: [long('9223372036854775807'), long('0'), long('9007199254740993')] },
      {
        type: 'BIT(64)',
        cells: [
          bits64('ffffffffffffffff', '18446744073709551615'),
          bits64('8000000000000000', '9223372036854775808'),
          bits64('0000000000000000', '0'),
          bits64('00000000000000ff', '255'),
        ],
      },
    ]),
    columnsTable('decimals', [
      {
        type: 'DECIMAL(10,2)',
        cells: [decimal('1.10'), decimal('-0.01'), decimal('0.00'), decimal(nines(8, 2))],
      },
      { type: 'DECIMAL(10,0)', cells: [decimal('-1'), decimal(nines(10)), decimal('100')] },
      { type: 'DECIMAL(8,3) ZEROFILL', cells: [decimal('5.500'), decimal('0.000')] },
      {
        type: 'DECIMAL(34,0)',
        cells: [decimal(nines(34)), decimal(`-${nines(34)}`), decimal(`1${'0'.repeat(33)}`)],
      },
      { type: 'DECIMAL(34,17)', cells: [decimal(nines(17, 17)), decimal(`-0.${'0'.repeat(16)}1`)] },
      { type: 'DECIMAL(34,30)', cells: [decimal(`-${nines(4, 30)}`), decimal(`0.${'0'.repeat(29)}1`)] },
      { type: 'DECIMAL(35,0)', cells: [digitText(nines(35)), digitText('0'), digitText('-7')] },
      { type: 'DECIMAL(35,5)', cells: [digitText(nines(30, 5)), digitText('1.10000')] },
      {
        type: 'DECIMAL(65,30)',
        cells: [
          digitText(nines(35, 30)),
          digitText(`-${nines(35, 30)}`),
          digitText('12345678901234567890123456789012345.678901234567890123456789012345'),
          digitText(`0.${'0'.repeat(29)}1`),
        ],
      },
      { type: 'DECIMAL(65,0)', cells: [digitText(nines(65)), digitText(`-${nines(65)}`)] },
    ]),
    columnsTable('floats', [
      {
        type: 'FLOAT',
        cells: [
          double('16777216', 16777216, '16777216'),
          double('0.1', 0.10000000149011612, '0.10000000149011612'),
          double('3.402823466e38', 3.4028234663852886e38, '3.4028234663852886e+38'),
          double('-3.402823466e38', -3.4028234663852886e38, '-3.4028234663852886e+38'),
          double('1.401298464e-45', 1.401298464324817e-45, '1.401298464324817e-45'),
          double('0', 0, '0'),
          double('16777215', 16777215, '16777215'),
          minusZero(server),
        ],
      },
      {
        type: 'FLOAT(7,2)',
        cells: [double('999.99', 999.989990234375, '999.989990234375'), double('0', 0, '0')],
      },
      { type: 'FLOAT UNSIGNED', cells: [double('1.5', 1.5, '1.5')] },
      {
        type: 'DOUBLE',
        cells: [
          double('0.1', 0.1, '0.1'),
          double('5e-324', 5e-324, '5e-324'),
          double('1.7976931348623157e308', 1.7976931348623157e308, '1.7976931348623157e+308'),
          double('-1.7976931348623157e308', -1.7976931348623157e308, '-1.7976931348623157e+308'),
          double('2.2250738585072014e-308', 2.2250738585072014e-308, '2.2250738585072014e-308'),
          double('9007199254740993', 9007199254740992, '9007199254740992'),
          double('0.30000000000000004', 0.30000000000000004, '0.30000000000000004'),
          double('1e22', 1e22, '1e+22'),
          double('1e-7', 1e-7, '1e-7'),
          double('42', 42, '42'),
          minusZero(server),
        ],
      },
      {
        type: 'DOUBLE(10,3)',
        cells: [double('0.1', 0.1, '0.1'), double('-1234567.125', -1234567.125, '-1234567.125')],
      },
      {
        type: 'REAL',
        cells: [
          { sql: '123456789.123456789', mongo: new Double(123456789.12345679), redis: '123456789.12345679' },
        ],
      },
    ]),
  ];
}
