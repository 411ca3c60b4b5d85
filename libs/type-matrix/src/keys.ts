import { Binary, Decimal128, Int32, Long } from './bson';
import { quoted, textSql, type MatrixRow, type MatrixTable } from './matrix-table';

interface Key {
  readonly sql: string;
  /** `_id`, and the column's field. */
  readonly mongo: unknown;
  readonly redis: string | Buffer;
  /** As part of a Redis key; default the Redis text. */
  readonly key?: string;
  readonly column?: unknown;
}

function keyTable(name: string, type: string, keys: readonly Key[]): MatrixTable {
  return {
    name,
    ddl: `CREATE TABLE ${quoted(name)} (k ${type} NOT NULL PRIMARY KEY, n INT)`,
    rows: keys.map(({ sql, mongo, redis, key = String(redis), column = mongo }, at): MatrixRow => ({
      insert: `INSERT INTO ${quoted(name)} VALUES (${sql}, ${at})`,
      lenient: /'0000-|'2026-00/.test(sql),
      id: mongo,
      keyText: key,
      mongo: [
        ['k', column],
        ['n', new Int32(at)],
      ],
      redis: [
        ['k', redis],
        ['n', `${at}`],
      ],
    })),
  };
}

const text = (value: string, key = value): Key => ({ sql: textSql(value), mongo: value, redis: value, key });
const bytes = (hex: string): Key => ({
  sql: `x'${hex}'`,
  mongo: new Binary(Buffer.from(hex, 'hex')),
  redis: Buffer.from(hex, 'hex'),
  key: hex,
});
const same = (value: string, key = value): Key => ({ sql: `'${value}'`, mongo: value, redis: value, key });
const long = (digits: string): Key => ({ sql: digits, mongo: Long.fromString(digits), redis: digits });

export function keyTables(): MatrixTable[] {
  return [
    keyTable('k_text', 'VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', [
      text('a:b%c', 'a%3Ab%25c'),
      text('😀 x'),
      text(''),
      text('\0'),
      text('$x'),
      text('__proto__'),
      text('{x}*?[a]\\'),
      text("it's"),
      text('A'),
      text('a'),
    ]),
    keyTable('k_bytes', 'VARBINARY(8)', [bytes('00ff'), bytes('ff'), bytes('3a25'), bytes('')]),
    keyTable('k_big', 'BIGINT UNSIGNED', [
      {
        sql: '18446744073709551615',
        mongo: Decimal128.fromString('18446744073709551615'),
        redis: '18446744073709551615',
      },
      long('9007199254740993'),
      long('0'),
    ]),
    keyTable('k_decimal', 'DECIMAL(10,2)', [
      { sql: '1.10', mongo: Decimal128.fromString('1.10'), redis: '1.10' },
      { sql: '-0.01', mongo: Decimal128.fromString('-0.01'), redis: '-0.01' },
    ]),
    keyTable('k_date', 'DATE', [same('2026-11-23'), same('0000-00-00'), same('2026-00-00')]),
    keyTable('k_micro', 'DATETIME(6)', [
      {
        ...same('2026-11-23 10:11:12.123456'),
        mongo: '2026-11-23T10:11:12.123456',
        redis: '2026-11-23T10:11:12.123456',
        key: '2026-11-23T10%3A11%3A12.123456',
      },
      same('0000-00-00 00:00:00.000000', '0000-00-00 00%3A00%3A00.000000'),
    ]),
    keyTable('k_instant', 'TIMESTAMP(3)', [
      {
        sql: "CONVERT_TZ('2026-10-25 00:30:00.125', '+00:00', @@session.time_zone)",
        mongo: new Date('2026-10-25T00:30:00.125Z'),
        redis: '2026-10-25T00:30:00.125Z',
        key: '2026-10-25T00%3A30%3A00.125Z',
      },
    ]),
    keyTable('k_time', 'TIME(3)', [same('-838:59:59.000', '-838%3A59%3A59.000')]),
    keyTable('k_bit', 'BIT(1)', [
      { sql: "b'1'", mongo: true, redis: '1' },
      { sql: "b'0'", mongo: false, redis: '0' },
    ]),
    keyTable('k_enum', "ENUM('x:y','z')", [same('x:y', 'x%3Ay')]),
    // MongoDB takes no array as `_id`: there a SET is its comma list.
    keyTable('k_set', "SET('a','b')", [
      { ...same('a,b'), column: ['a', 'b'] },
      { ...same(''), column: [] },
    ]),
    compositeTable(),
  ];
}

function compositeTable(): MatrixTable {
  const id =
    '-1:x%3Ay%25 😀:00ff:1.10:2026-11-23T10%3A11%3A12.123456:café:00ff0000:99999999999999999999999999999999999999.99:18446744073709551615';
  const cells: readonly [name: string, type: string, sql: string, mongo: unknown, redis: string | Buffer][] =
    [
      ['n', 'INT', '5', new Int32(5), '5'],
      ['bits', 'BIT(64)', '18446744073709551615', new Binary(Buffer.alloc(8, 0xff)), '18446744073709551615'],
      ['wide', 'DECIMAL(40,2)', `${'9'.repeat(38)}.99`, `${'9'.repeat(38)}.99`, `${'9'.repeat(38)}.99`],
      [
        'fixed',
        'BINARY(4)',
        "x'00ff'",
        new Binary(Buffer.from('00ff0000', 'hex')),
        Buffer.from('00ff0000', 'hex'),
      ],
      ['latin', 'VARCHAR(20) CHARACTER SET latin1', textSql('café'), 'café', 'café'],
      [
        'e',
        'DATETIME(6)',
        "'2026-11-23 10:11:12.123456'",
        '2026-11-23T10:11:12.123456',
        '2026-11-23T10:11:12.123456',
      ],
      ['d', 'DECIMAL(10,2)', '1.1', Decimal128.fromString('1.10'), '1.10'],
      ['c', 'VARBINARY(8)', "x'00ff'", new Binary(Buffer.from('00ff', 'hex')), Buffer.from('00ff', 'hex')],
      [
        'b',
        'VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
        textSql('x:y% 😀'),
        'x:y% 😀',
        'x:y% 😀',
      ],
      ['a', 'INT', '-1', new Int32(-1), '-1'],
    ];
  const columns = cells.map(([name, type]) => `${name} ${type}`).join(', ');
  return {
    name: 'k_many',
    ddl: `CREATE TABLE k_many (${columns}, PRIMARY KEY (a, b, c, d, e, latin, fixed, wide, bits))`,
    rows: [
      {
        insert: `INSERT INTO k_many VALUES (${cells.map(([, , sql]) => sql).join(', ')})`,
        lenient: false,
        id,
        keyText: id,
        mongo: cells.map(([name, , , mongo]) => [name, mongo] as const),
        redis: cells.map(([name, , , , redis]) => [name, redis] as const),
      },
    ],
  };
}
