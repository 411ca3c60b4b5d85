import { rowCodec, type Cell, type WireRow } from '@tributary/contract';
import {
  describeTables,
  imageExpression,
  openMysql,
  quoteIdentifier,
  type Connection,
} from '@tributary/capture';
import { compileRowValidator } from '@tributary/schemas';
import { parseSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName } from '@tributary/testing';

/** Column types and the literals at their edges; every server stores each of them in some form. */
const columns: readonly (readonly [type: string, literals: readonly string[]])[] = [
  ['TINYINT', ['-128', '127']],
  ['SMALLINT UNSIGNED ZEROFILL', ['0', '65535']],
  ['MEDIUMINT', ['-8388608', '8388607']],
  ['INT UNSIGNED', ['0', '4294967295']],
  ['BIGINT', ['-9223372036854775808', '9223372036854775807']],
  ['BIGINT UNSIGNED', ['0', '18446744073709551615']],
  ['DECIMAL(65,30)', [`-${'9'.repeat(35)}.${'9'.repeat(30)}`, '0', '-0.1']],
  ['DECIMAL(5,0)', ['-99999', '1']],
  ['DECIMAL(4,4)', ['-0.9999', '0']],
  ['DECIMAL(6,2) UNSIGNED ZEROFILL', ['1.5', '0']],
  ['FLOAT', ['3.4028234e38', '-1e-45', '0.1']],
  ['FLOAT(7,3)', ['1234.567']],
  ['DOUBLE', ['1.7976931348623157e308', '5e-324', '-0e0']],
  ['BIT(1)', ["b'0'", "b'1'"]],
  ['BIT(64)', ['18446744073709551615', '0']],
  ['YEAR', ['1901', '2155', '0']],
  ['DATE', ["'9999-12-31'", "'0000-00-00'", "'2026-00-10'", "'2026-02-31'"]],
  ['DATETIME', ["'1000-01-01 00:00:00'", "'2026-05-00 23:59:59'", "'0000-00-00 00:00:00'"]],
  ['DATETIME(6)', ["'9999-12-31 23:59:59.999999'", "'0000-00-00 00:00:00'"]],
  ['TIMESTAMP NULL', ["'1970-01-02 00:00:01'", "'2038-01-18 03:14:07'", "'0000-00-00 00:00:00'"]],
  ['TIMESTAMP(4) NULL', ["'2024-02-29 23:59:59.9999'", "'0000-00-00 00:00:00'"]],
  ['TIME', ["'-838:59:59'", "'00:00:00'"]],
  ['TIME(6)', ["'838:59:58.999999'", "'-00:00:00.000001'"]],
  ['CHAR(3)', ["'äö '", "'😀😀😀'", "''"]],
  ['VARCHAR(10) CHARACTER SET latin1', ["'äÿ€™‰Š'", "_latin1 X'818D8F909D7F0001'"]],
  ['VARCHAR(10) CHARACTER SET ascii', ["_ascii X'0001417F'"]],
  ['VARCHAR(10) CHARACTER SET utf8', ["'€字'"]],
  ['VARCHAR(10) CHARACTER SET ucs2', ["'€字'"]],
  ['VARCHAR(10) CHARACTER SET utf16', ["'😀'"]],
  ['VARCHAR(10) CHARACTER SET cp1251', ["'Я'"]],
  ['TINYTEXT', ["REPEAT('😀', 63)"]],
  ['TEXT', ["REPEAT('x', 65535)"]],
  ['LONGTEXT', ["'\\\\ \\\" \\0 \\n'"]],
  ["ENUM('a','b,c','it''s','ü')", ["'b,c'", "'it''s'", "'ü'", "'nonsense'"]],
  ["SET('a','b','ü')", ["''", "'ü,a'"]],
  ['BINARY(4)', ["X'00'", "X'FFFFFFFF'"]],
  ['VARBINARY(4)', ["''", "X'00FF'"]],
  ['TINYBLOB', ["REPEAT(X'FF', 255)"]],
  ['JSON', [`'{"a":[1,12345678901234567890,"😀"]}'`, "'null'", `'"x"'`, "'1e10'"]],
  [
    'GEOMETRY',
    [
      "ST_GeomFromText('POINT(1 2)', 4326)",
      "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')",
      "ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))')",
    ],
  ],
];

const servers = (['ADMIN_MYSQL_URL', 'ADMIN_MARIADB_URL'] as const).filter((name) => process.env[name]);

describe.each(servers)('R9, R10: rows as %s stores them', (name) => {
  const database = uniqueName('validator');
  let connection: Connection;

  beforeAll(async () => {
    connection = await openMysql(stackEnv()[name]!);
    await connection.query("SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'");
    await connection.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    const list = columns.map(([type], at) => `c${at} ${type}`).join(', ');
    await connection.query(
      `CREATE TABLE ${database}.t (id INT PRIMARY KEY AUTO_INCREMENT, ${list}) ROW_FORMAT = DYNAMIC`,
    );
  });
  afterAll(async () => {
    await connection.query(`DROP DATABASE IF EXISTS ${database}`);
    await connection.end();
  });

  it('pass the row validator at every edge of every type', async () => {
    const literals = columns.flatMap(([, values], at) =>
      values.map((literal) => [`c${at}`, literal] as const),
    );
    for (const [column, literal] of literals)
      await connection.query(`INSERT INTO ${database}.t (${column}) VALUES (${literal})`);
    const [plan] = await describeTables(connection, parseSyncConfig(`tables: [{ table: ${database}.t }]`));
    const { schema, flavour } = plan!;
    const image = imageExpression(schema.columns, (column) => `t.${quoteIdentifier(column.name)}`, flavour);
    const [rows] = await connection.query(`SELECT ${image} FROM ${database}.t t ORDER BY id`);
    const encode = rowCodec(schema).row;
    const check = compileRowValidator(schema);
    const faults = (rows as unknown[]).flatMap((row, at) => {
      const cells = JSON.parse(String(Object.values(row as object)[0])) as Cell[];
      const wire = JSON.parse(encode(cells)) as WireRow;
      const fault = check(wire, 'after');
      return fault ? [[columns[Number(literals[at]![0].slice(1))]![0], literals[at]![1], fault.reason]] : [];
    });
    expect(rows).toHaveLength(literals.length);
    expect(faults).toEqual([]);
  });
});
