import { setTimeout as sleep } from 'node:timers/promises';
import {
  describeTables,
  imageExpression,
  openMysql,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import { imageText, rowCodec, type Cell } from '@tributary/contract';
import { parseSyncConfig } from '@tributary/sync-config';
import { stackEnv, uniqueName } from '@tributary/testing';
import { ChunkReader, type ReaderBounds } from '../src/chunk-reader';
import type { KeyBound } from '../src/key-range';

jest.setTimeout(60_000);

/** Tables whose keys sort, compare or overflow in their own ways; `rows` fills them. `only`: on that server alone. */
const tables: Record<string, { ddl: string; rows: string[]; only?: 'MySQL' | 'MariaDB' }> = {
  'no case, no accents': {
    ddl: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci PRIMARY KEY',
    rows: [
      "('A')",
      "('b')",
      "('C ')",
      "('É')",
      "('éa')",
      "('Eb')",
      "('straße')",
      "('STRASSF')",
      "('')",
      "('_')",
    ],
  },
  'no padding': {
    ddl: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci PRIMARY KEY',
    rows: ["('a')", "('A ')", "('a  ')", "('ß')", "('sst')", "('sr')", "('')", "(' ')", "('Äy')", "('az')"],
    only: 'MySQL',
  },
  'no padding, MariaDB': {
    ddl: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_nopad_ci PRIMARY KEY',
    rows: ["('a')", "('A ')", "('a  ')", "('ß')", "('sst')", "('')", "(' ')", "('Äy')"],
    only: 'MariaDB',
  },
  'text before number': {
    ddl: 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, n INT, PRIMARY KEY (k, n)',
    rows: [
      "('a', 1)",
      "('A', 2)",
      "('á', 3)",
      "('A ', 4)",
      "('a', -5)",
      "('b', -2147483648)",
      "('B ', 2147483647)",
    ],
  },
  'signed numbers': {
    ddl: 'a BIGINT, b DECIMAL(20,5), c TINYINT, PRIMARY KEY (a, b, c)',
    rows: [
      '(-9223372036854775808, -1.00001, -128)',
      '(-9223372036854775808, -1, 127)',
      '(-1, -0.00001, 0)',
      '(-1, 0, 0)',
      '(-1, 0.00001, 0)',
      '(0, 999999999999999.99999, 1)',
      '(9223372036854775807, 0, 0)',
    ],
  },
  'latin1 and binary': {
    ddl: 'k VARCHAR(9) CHARACTER SET latin1, b BINARY(3), PRIMARY KEY (k, b)',
    rows: ["('é', X'00')", "('e', X'0000FF')", "('E', X'FF')", "('z', X'270A5C')", "('', X'')"],
  },
  'enum first': {
    ddl: "e ENUM('z','','a''b','y') , id INT, PRIMARY KEY (e, id)",
    rows: ["('z', 3)", "('z', -3)", "('', 1)", "('', 2)", "('a''b', 1)", "('y', 1)", "('y', 9)"],
  },
  'unique key': {
    ddl: 'a INT, u VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, v DATETIME(6) NOT NULL, UNIQUE KEY (u, v)',
    rows: [
      "(1, 'x', '2026-01-01 00:00:00.000001')",
      "(NULL, 'X', '2026-01-01 00:00:00.000002')",
      "(1, 'x ', '2026-01-01 00:00:00')",
      "(2, 'w', '0000-00-00')",
    ],
  },
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
] as const)('chunk reader on %s', (server, url, adminUrl) => {
  const database = uniqueName('chunks');
  let admin: Connection;
  let connection: Connection;
  const readers: ChunkReader[] = [];
  const newReader = (plan: TablePlan, where: string | null = null, bounds?: ReaderBounds) => {
    readers.push(new ChunkReader(() => openMysql(stackEnv()[url]!), plan, where, bounds));
    return readers.at(-1)!;
  };
  const names = Object.keys(tables).filter((name) => (tables[name]!.only ?? server) === server);
  const tableOf = (name: string) => `t${Object.keys(tables).indexOf(name)}`;

  beforeAll(async () => {
    admin = await openMysql(stackEnv()[adminUrl]!);
    await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    for (const name of names) {
      await admin.query(`CREATE TABLE ${database}.${tableOf(name)} (${tables[name]!.ddl})`);
      await admin.query(`INSERT INTO ${database}.${tableOf(name)} VALUES ${tables[name]!.rows.join(', ')}`);
    }
    connection = await openMysql(stackEnv()[url]!);
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${database}`);
    connection.destroy();
    admin.destroy();
  });

  it.each(names)('R5: reads each row of "%s" exactly once, whatever the chunk size', async (name) => {
    const config = parseSyncConfig(`tables: [{table: ${database}.${tableOf(name)}}]`);
    const [plan] = await describeTables(connection, config);
    for (const size of [1, 2, 3, 100]) {
      const reader = newReader(plan!);
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
  });

  it.each(names)(
    'R5: reads each row of "%s" once by ever new statements, when the reader waits',
    async (name) => {
      const config = parseSyncConfig(`tables: [{table: ${database}.${tableOf(name)}}]`);
      const [plan] = await describeTables(connection, config);
      const reader = newReader(plan!, null, { sliceRows: 2, sliceCharacters: 1 << 20, holdMs: 0 });
      const keys: string[] = [];
      for await (const slice of reader.slices(null, null)) {
        keys.push(...slice.map(({ key }) => key));
        await sleep(5);
      }
      expect(new Set(keys).size).toBe(tables[name]!.rows.length);
      expect(keys).toHaveLength(tables[name]!.rows.length);
    },
  );

  /** A table of texts, ids from 0; 600 of 100,000 bytes are more than the sockets on the way can hold. */
  const planOfTexts = async (rows: number, bytes: number) => {
    const table = `${database}.texts`;
    await admin.query(`DROP TABLE IF EXISTS ${table}`);
    await admin.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, v LONGTEXT)`);
    for (let at = 0; at < rows; at += 100)
      await admin.query(`INSERT INTO ${table} VALUES ?`, [
        Array.from({ length: 100 }, (_, id) => [at + id, 'v'.repeat(bytes)]),
      ]);
    const [plan] = await describeTables(connection, parseSyncConfig(`tables: [{table: ${table}}]`));
    return plan!;
  };

  describe('a connection that is lost', () => {
    const connections: Connection[] = [];
    const kill = async () => {
      await admin.query(`KILL ${connections.at(-1)!.threadId}`);
      await sleep(100);
    };
    const killable = async (rows: number, bytes: number, bounds?: ReaderBounds) => {
      const plan = await planOfTexts(rows, bytes);
      const connect = async () => {
        connections.push(await openMysql(stackEnv()[url]!));
        return connections.at(-1)!;
      };
      readers.push(new ChunkReader(connect, plan, null, bounds));
      return readers.at(-1)!;
    };

    it('ends a chunk that is being read, or another one reads its rest', async () => {
      const bounds = { sliceRows: 10, sliceCharacters: 4 << 20, holdMs: 60_000 };
      const reader = await killable(600, 100_000, bounds);
      const reading = (async () => {
        let rows = 0;
        for await (const slice of reader.slices(null, null)) {
          rows += slice.length;
          if (rows === 10) await kill();
        }
        return rows;
      })();
      const end = reading.then(String, (error: Error) => error.message);
      expect(await Promise.race([end, sleep(20_000, 'hangs')])).toMatch(/^600$|lost|closed|ECONNRESET/i);
    });

    it('is replaced for the next chunk', async () => {
      const reader = await killable(100, 10);
      for (let chunk = 0; chunk < 2; chunk += 1) {
        let rows = 0;
        const reading = (async () => {
          for await (const slice of reader.slices(null, null)) rows += slice.length;
          return rows;
        })();
        expect(await Promise.race([reading, sleep(20_000, 'hangs')])).toBe(100);
        await kill();
      }
    });
  });

  it('an ALTER does not wait for a reader that waits', async () => {
    const plan = await planOfTexts(600, 100_000);
    const reader = newReader(plan, null, { sliceRows: 10, sliceCharacters: 4 << 20, holdMs: 200 });
    const ids: number[] = [];
    for await (const slice of reader.slices(null, null)) {
      ids.push(...slice.map(({ key }) => Number((JSON.parse(key) as { id: string }).id)));
      if (ids.length > 10) continue;
      await admin.query('SET SESSION lock_wait_timeout = 10');
      await admin.query(`ALTER TABLE ${plan.schema.table} ADD COLUMN w INT`);
    }
    expect(ids).toEqual(Array.from({ length: 600 }, (_, id) => id));
  });

  it('R13: a chunk costs the rows that it holds, also deep within one value of a composite key', async () => {
    const deep = `${database}.deep`;
    await admin.query(
      `CREATE TABLE ${deep} (tenant INT, e ENUM('z','y','x'), id INT, v CHAR(9), PRIMARY KEY (tenant, e, id))`,
    );
    const all = Array.from({ length: 6_000 }, (_, id) => [1 + (id % 2), 1 + (id % 3), id, 'v']);
    await admin.query(`INSERT INTO ${deep} VALUES ?`, [all]);
    await admin.query(`ANALYZE TABLE ${deep}`);
    const [plan] = await describeTables(connection, parseSyncConfig(`tables: [{table: ${deep}}]`));
    const own = await openMysql(stackEnv()[url]!);
    const reader = new ChunkReader(async () => own, plan!, null);
    readers.push(reader);
    const readOn = async () => {
      const [counters] = await own.query(`SHOW SESSION STATUS LIKE 'Handler_read_next'`);
      return Number((counters as { Value: string }[])[0]!.Value);
    };
    const lower: KeyBound = ['1', '2', '3000'];
    const atFirst = await readOn();
    const upper = await reader.upperBound(lower, 100);
    const planned = await readOn();
    let rows = 0;
    for await (const slice of reader.slices(lower, upper)) rows += slice.length;
    expect(rows).toBe(100);
    expect(planned - atFirst).toBeLessThanOrEqual(101);
    expect((await readOn()) - planned).toBeLessThanOrEqual(101);
  });

  it('R9: a row’s cells are those of its logged image, around the length from which rows are read alone', async () => {
    const table = `${database}.lengths`;
    await admin.query(
      `CREATE TABLE ${table} (id INT PRIMARY KEY, t LONGTEXT, b LONGBLOB, j JSON, f FLOAT, e ENUM('a','é'), i TIMESTAMP(3) NULL)`,
    );
    const values = (length: number) =>
      `REPEAT('é"', ${length} / 4), REPEAT(X'00FF', ${length} / 2), JSON_ARRAY(REPEAT('\\0', ${length} / 6), 1.50, NULL), 0.1, 'é', '2026-10-25 02:30:00.001'`;
    const lengths = [0, 5, 30_000, 33_000, 200_000, 262_143, 262_150, 300_000];
    for (const [id, length] of lengths.entries())
      await admin.query(`INSERT INTO ${table} VALUES (${id}, ${values(length)})`);
    await admin.query(`INSERT INTO ${table} (id) VALUES (100)`);
    await admin.query(
      `INSERT INTO ${table} VALUES (101, '[null,"1"]', '', 'null', -0.0, 'a', '1970-01-01 00:00:01')`,
    );
    const [plan] = await describeTables(connection, parseSyncConfig(`tables: [{table: ${table}}]`));
    const { schema, flavour } = plan!;
    const image = imageExpression(schema.columns, ({ name }) => name, flavour);
    const [logged] = await connection.query(`SELECT ${image} AS image FROM ${table}`);
    const expected = (logged as { image: string }[]).map((row) =>
      rowCodec(schema).row(JSON.parse(row.image) as Cell[]),
    );
    const read: string[] = [];
    for await (const slice of newReader(plan!).slices(null, null))
      read.push(...slice.map((row) => imageText(row.image)));
    expect(read.sort()).toEqual(expected.sort());
  });

  it('reads only what the WHERE of a job selects, and reports bad SQL in the server’s words', async () => {
    const [plan] = await describeTables(
      connection,
      parseSyncConfig(`tables: [{table: ${database}.${tableOf('composite')}}]`),
    );
    const read = async (where: string) => {
      let rows = 0;
      for await (const slice of newReader(plan!, where).slices(null, null)) rows += slice.length;
      return rows;
    };
    expect(await read('a > 9007199254740992')).toBe(5);
    await expect(read('nonsense > 1')).rejects.toThrow('nonsense');
  });
});
