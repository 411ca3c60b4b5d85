/** A column type and values of it. */
export interface TypeCase {
  readonly type: string;
  /** SQL literal in, wire value out. */
  readonly values: readonly (readonly [sql: string, wire: unknown])[];
  readonly only?: 'mysql' | 'mariadb';
}

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
const text = 'a"b\\c/d\b\f\n\r\t\u0000\u0001\u001f\u007f\u0085\u2028 é€😀\u{10FFFF} z';
const point = (srid: number) => {
  const bytes = Buffer.alloc(25);
  bytes.writeUInt32LE(srid, 0);
  bytes.writeUInt8(1, 4);
  bytes.writeUInt32LE(1, 5);
  bytes.writeDoubleLE(1, 9);
  bytes.writeDoubleLE(-2.5, 17);
  return bytes.toString('base64');
};

const cases: TypeCase[] = [
  {
    type: 'TINYINT',
    values: [
      ['-128', -128],
      ['127', 127],
      ['0', 0],
    ],
  },
  {
    type: 'TINYINT(1)',
    values: [
      ['TRUE', 1],
      ['FALSE', 0],
    ],
  },
  { type: 'INT UNSIGNED', values: [['4294967295', 4294967295]] },
  {
    type: 'INT(8) UNSIGNED ZEROFILL',
    values: [
      ['42', 42],
      ['0', 0],
    ],
  },
  {
    type: 'BIGINT',
    values: [
      ['-9223372036854775808', '-9223372036854775808'],
      ['9007199254740993', '9007199254740993'],
    ],
  },
  { type: 'BIGINT UNSIGNED', values: [['18446744073709551615', '18446744073709551615']] },
  {
    type: 'DECIMAL(65,30)',
    values: [
      [`${'9'.repeat(35)}.${'9'.repeat(30)}`, `${'9'.repeat(35)}.${'9'.repeat(30)}`],
      ['-0.000000000000000000000000000001', '-0.000000000000000000000000000001'],
      ['1.10', `1.1${'0'.repeat(29)}`],
    ],
  },
  { type: 'DECIMAL(10,2) ZEROFILL', values: [['1.1', '1.10']] },
  {
    type: 'FLOAT',
    values: [
      ['16777216', 16777216],
      ['0.1', Math.fround(0.1)],
      ['3.4028234e38', Math.fround(3.4028234e38)],
      ['1e-45', Math.fround(1e-45)],
    ],
  },
  { type: 'FLOAT(7,2)', values: [['12345.67', Math.fround(12345.67)]] },
  {
    type: 'DOUBLE',
    values: [
      ['0.1', 0.1],
      ['1.7976931348623157e308', Number.MAX_VALUE],
      ['5e-324', 5e-324],
      ['-123456789012345680', -123456789012345680],
      ['0.30000000000000004', 0.30000000000000004],
      ['2.2250738585072014e-308', 2.2250738585072014e-308],
    ],
  },
  { type: 'DOUBLE', only: 'mysql', values: [['-0e0', -0]] },
  { type: 'DOUBLE(20,3)', values: [['1234567890.123', 1234567890.123]] },
  {
    type: 'BIT(1)',
    values: [
      ["b'1'", true],
      ["b'0'", false],
    ],
  },
  {
    type: 'BIT(64)',
    values: [
      ['18446744073709551615', '18446744073709551615'],
      ["b'0'", '0'],
      ['9223372036854775808', '9223372036854775808'],
    ],
  },
  { type: 'BIT(9)', values: [['257', '257']] },
  {
    type: 'YEAR',
    values: [
      ['2026', 2026],
      ['0', 0],
      ['1901', 1901],
    ],
  },
  {
    type: 'DATE',
    values: [
      ["'9999-12-31'", '9999-12-31'],
      ["'0000-00-00'", '0000-00-00'],
      ["'2026-00-00'", '2026-00-00'],
      ["'1000-01-01'", '1000-01-01'],
    ],
  },
  {
    type: 'DATETIME',
    values: [
      ["'2026-11-23 21:00:01'", '2026-11-23T21:00:01'],
      ["'0000-00-00 00:00:00'", '0000-00-00 00:00:00'],
    ],
  },
  {
    type: 'DATETIME(6)',
    values: [
      ["'9999-12-31 23:59:59.999999'", '9999-12-31T23:59:59.999999'],
      ["'1000-01-01 00:00:00.000001'", '1000-01-01T00:00:00.000001'],
    ],
  },
  {
    type: 'TIMESTAMP(6) NULL',
    values: [
      ["'2026-10-25 02:30:00.123456'", '2026-10-25T02:30:00.123456Z'],
      ["'0000-00-00 00:00:00'", '0000-00-00 00:00:00.000000'],
      ["'2038-01-19 03:14:07.999999'", '2038-01-19T03:14:07.999999Z'],
      ["'1970-01-01 00:00:01'", '1970-01-01T00:00:01.000000Z'],
    ],
  },
  { type: 'TIMESTAMP NULL', values: [["'2026-10-25 02:30:00'", '2026-10-25T02:30:00Z']] },
  {
    type: 'TIME(6)',
    values: [
      ["'-838:59:59'", '-838:59:59.000000'],
      ["'838:59:59'", '838:59:59.000000'],
      ["'-00:00:00.000001'", '-00:00:00.000001'],
    ],
  },
  { type: 'TIME', values: [["'-01:02:03'", '-01:02:03']] },
  {
    type: 'CHAR(20)',
    values: [
      ["'ab  '", 'ab'],
      ["''", ''],
    ],
  },
  {
    type: 'VARCHAR(200)',
    values: [
      [`X'${Buffer.from(text).toString('hex')}'`, text],
      ["'a  '", 'a  '],
      ["''", ''],
    ],
  },
  { type: 'VARCHAR(200) CHARACTER SET latin1', values: [["'é€ÿ'", 'é€ÿ']] },
  { type: 'VARCHAR(200) CHARACTER SET utf16', values: [["'é😀'", 'é😀']] },
  { type: 'VARCHAR(200) CHARACTER SET sjis', values: [["'日本'", '日本']] },
  {
    type: 'TEXT',
    values: [
      ["'[1, null]'", '[1, null]'],
      ["'null'", 'null'],
    ],
  },
  { type: 'LONGTEXT', values: [[`REPEAT('é', 50000)`, 'é'.repeat(50000)]] },
  { type: 'BINARY(4)', values: [["X'00FF'", Buffer.from('00ff0000', 'hex').toString('base64')]] },
  {
    type: 'VARBINARY(300)',
    values: [
      [`X'${everyByte.toString('hex')}'`, everyByte.toString('base64')],
      ["''", ''],
    ],
  },
  { type: 'BLOB', values: [[`X'${everyByte.toString('hex')}'`, everyByte.toString('base64')]] },
  {
    type: `ENUM('a','b''c','x,y','q\\\\z','😀','')`,
    values: [
      ["'b\\'c'", "b'c"],
      ["'x,y'", 'x,y'],
      ["'q\\\\z'", 'q\\z'],
      ["'😀'", '😀'],
      ["''", ''],
    ],
  },
  {
    type: `SET('a','b''c','😀')`,
    values: [
      ["'a,😀'", 'a,😀'],
      ["''", ''],
      ["'b\\'c'", "b'c"],
    ],
  },
  {
    type: 'JSON',
    values: [
      [`'{"n": 9007199254740993, "s": "é😀\\\\"", "a": [1.10, null]}'`, /^\{.*9007199254740993.*\}$/],
      ["'null'", 'null'],
      [`'"text"'`, '"text"'],
      ["'[]'", '[]'],
    ],
  },
  {
    type: 'POINT',
    values: [
      ['POINT(1, -2.5)', point(0)],
      ["ST_GeomFromText('POINT(1 -2.5)', 3857)", point(3857)],
    ],
  },
  {
    type: 'GEOMETRY',
    values: [["ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')", /^AAAAAAEHAAAAAgAAA/]],
  },
  {
    type: 'UUID',
    only: 'mariadb',
    values: [["'123e4567-e89b-12d3-a456-426614174000'", '123e4567-e89b-12d3-a456-426614174000']],
  },
  { type: 'INET6', only: 'mariadb', values: [["'2001:db8::ff00:42:8329'", '2001:db8::ff00:42:8329']] },
];

/** The types of a server. */
export const typeCases = (flavour: 'mysql' | 'mariadb'): TypeCase[] =>
  cases.filter(({ only }) => only === undefined || only === flavour);

/** TIMESTAMP literals are meant as UTC, while the writing session has the zone +05:30. */
export function inZone(type: string, sql: string): string {
  return type.startsWith('TIMESTAMP') && !sql.includes('0000')
    ? `CONVERT_TZ(${sql}, '+00:00', '+05:30')`
    : sql;
}
