import { describeTables, openMysql, type Connection } from '@tributary/capture';
import { parseSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName } from '@tributary/testing';
import { ChunkReader } from '../src/chunk-reader';
import type { KeyBound } from '../src/key-range';

jest.setTimeout(60_000);

/** Tables whose keys sort, compare or overflow in their own ways; `rows` fills them. */
const tables: Record<string, { ddl: string; rows: string[] }> = {
  accents: {
    ddl: 'k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY',
    rows: [
      "('a')",
      "('B')",
      "('ç')",
      "('É')",
      "('zz')",
      "('Ä2')",
      "('o''x')",
      "('\\\\\\\\')",
      "('z z')",
      "('😀')",
    ],
  },
  composite: {
    ddl: 'a BIGINT UNSIGNED, b DATETIME(6), c VARBINARY(4), PRIMARY KEY (a, b, c)',
    rows: [
      "(0, '2026-01-01', X'')",
      "(9007199254740992, '2026-01-01', X'00')",
      "(9007199254740993, '2026-01-01', X'00')",
      "(9007199254740993, '2026-01-01 00:00:00.000001', X'00')",
      "(9007199254740993, '2026-01-01 00:00:00.000001', X'FF')",
      "(18446744073709551615, '9999-12-31 23:59:59.999999', X'FFFFFFFF')",
      "(18446744073709551614, '1000-01-01', X'27')",
    ],
  },
  members: {
    ddl: "e ENUM('z','y','x','a') , s SET('q','b'), PRIMARY KEY (e, s)",
    rows: ["('z','')", "('y','q')", "('x','b')", "('a','q,b')", "('a','')"],
  },
  instants: {
    ddl: 't TIMESTAMP(3), d DECIMAL(30,10), PRIMARY KEY (t, d)',
    rows: ["('2026-10-25 02:30:00', 1.5)", "('2026-10-25 02:30:00.001', -1.5)", "('1970-01-01 00:00:01', 0)"],
  },
};

describe.each([
  ['MySQL', 'MYSQL_URL', 'ADMIN_MYSQL_URL'],
  ['MariaDB', 'MARIADB_URL', 'ADMIN_MARIADB_URL'],
] as const)('chunk reader on %s', (_, url, adminUrl) => {
  const database = uniqueName('chunks');
  let admin: Connection;
  let connection: Connection;

  beforeAll(async () => {
    admin = await openMysql(stackEnv()[adminUrl]!);
    await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    for (const [name, { ddl, rows }] of Object.entries(tables)) {
      await admin.query(`CREATE TABLE ${database}.${name} (${ddl})`);
      await admin.query(`INSERT INTO ${database}.${name} VALUES ${rows.join(', ')}`);
    }
    connection = await openMysql(stackEnv()[url]!);
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${database}`);
    connection.destroy();
    admin.destroy();
  });

  it.each(Object.keys(tables))(
    'R5: reads each row of %s exactly once, whatever the chunk size',
    async (name) => {
      const config = parseSyncConfig(`tables: [{table: ${database}.${name}}]`);
      const [plan] = await describeTables(connection, config);
      for (const size of [1, 2, 3, 100]) {
        const reader = new ChunkReader(connection, plan!, null);
        const keys: string[] = [];
        let lower: KeyBound = null;
        for (;;) {
          const upper = await reader.upperBound(lower, size);
          let rows = 0;
          for await (const slice of reader.slices(lower, upper)) {
            rows += slice.length;
            keys.push(...slice.map(({ key }) => key));
          }
          if (upper === null) break;
          expect(rows).toBe(size);
          lower = upper;
        }
        expect(new Set(keys).size).toBe(tables[name]!.rows.length);
        expect(keys).toHaveLength(tables[name]!.rows.length);
      }
    },
  );

  it('reads only what the WHERE of a job selects, and reports bad SQL in the server’s words', async () => {
    const [plan] = await describeTables(
      connection,
      parseSyncConfig(`tables: [{table: ${database}.composite}]`),
    );
    const read = async (where: string) => {
      let rows = 0;
      for await (const slice of new ChunkReader(connection, plan!, where).slices(null, null))
        rows += slice.length;
      return rows;
    };
    expect(await read('a > 9007199254740992')).toBe(5);
    await expect(read('nonsense > 1')).rejects.toThrow('nonsense');
  });
});
