import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiter } from '@tributary/kernel';
import { installCapture, LogReader, uninstallCapture, type Connection } from '@tributary/capture';
import { Repairer, type Difference } from '../src';
import { Fixture, passes, servers } from './fixture';
import type { RowDataPacket } from 'mysql2/promise';

const manyKeys = Array.from({ length: 50 }, (_, at) => at + 1);

describe.each(servers)('repair on $name', (server) => {
  let fixture: Fixture;

  beforeAll(async () => {
    fixture = await Fixture.create(
      server,
      [
        'CREATE TABLE r (k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n BIGINT, big LONGTEXT)',
        "INSERT INTO r VALUES ('Here', 9007199254740993, '😀'), ('huge', 1, REPEAT('x', 300000))",
        'CREATE TABLE filtered (k VARCHAR(20) PRIMARY KEY, n BIGINT)',
        "INSERT INTO filtered VALUES ('inside', 1), ('outside', -1)",
        'CREATE TABLE odd (z INT(5) ZEROFILL, y YEAR, d DOUBLE, c DECIMAL(6,3) ZEROFILL, n INT, PRIMARY KEY (z, y, d, c))',
        "INSERT INTO odd VALUES (42, '0000', 1e15, 1.5, 1), (0, 2024, 1e-7, 0, 2), (7, 1999, 0.1, 20.25, 3)",
        'CREATE TABLE many (k INT PRIMARY KEY, n BIGINT)',
        `INSERT INTO many VALUES ${manyKeys.map((key) => `(${key}, 0)`).join()}`,
      ],
      '  - table: "{db}.r"\n  - { table: "{db}.filtered", where: "n > 0" }\n  - table: "{db}.many"\n  - table: "{db}.odd"',
    );
    await installCapture(fixture.relay, fixture.config);
  });
  afterAll(async () => {
    await uninstallCapture(fixture.relay, fixture.config, { all: true });
    await fixture.drop();
  });

  const difference = (key: string | number, table = 'r'): Difference => ({
    ...{ table: `${fixture.database}.${table}`, target: 'mongo', kind: 'different', columns: [] },
    ...{ key: { k: key }, id: String(key), inSource: true },
  });

  const repairer = (
    perSecond: number,
    table = 'r',
    connect = () => fixture.connect(),
    onWait: (sentence: string) => void = () => undefined,
  ) =>
    new Repairer({
      ...{ source: fixture.source(table), connect, drain: passes, onWait },
      ...{ captureSchema: fixture.captureSchema, pace: new RateLimiter(perSecond) },
    });

  const application = async () => {
    const connection = await fixture.connect(server.adminUrl);
    await connection.query(`USE ${fixture.database}`);
    return connection;
  };

  /** An application in a transaction that has done this. */
  const busyWriter = async (sql: string) => {
    const writer = await application();
    await writer.query('START TRANSACTION');
    await writer.query(sql);
    return writer;
  };

  /** What the log holds, oldest entry first. */
  const logged = async (columns: string) => {
    const [rows] = await fixture.relay.query({
      sql: `SELECT ${columns} FROM ${fixture.captureSchema}.change_log ORDER BY id`,
      rowsAsArray: true,
    });
    return rows as unknown as (string | null)[][];
  };
  beforeEach(() => fixture.relay.query(`DELETE FROM ${fixture.captureSchema}.change_log`));

  it('R4: logs the row under its lock as r, its absence as d, with rights to read the table alone', async () => {
    const [view] = fixture.views('r');
    await repairer(1000).repair(
      ['Here', 'here', 'huge', 'gone'].map((key) => difference(key)),
      view!,
    );

    const reader = await LogReader.open({
      ...{ url: server.url, captureSchema: fixture.captureSchema, owner: 'test' },
    });
    const entries = await reader.readBatch(100, 1 << 24);
    // Rows are logged side by side, so in no certain order.
    const byKey = new Map(entries.map((entry) => [String(entry.rowKey), entry]));
    expect(entries.length).toBe(4);
    expect(
      ['Here', 'here', 'huge', 'gone'].map((key) => {
        const { op, before, after, intact } = byKey.get(key)!;
        return { op, before, after, intact };
      }),
    ).toEqual([
      { op: 'r', before: null, after: ['Here', '9007199254740993', '😀'], intact: true },
      { op: 'd', before: null, after: null, intact: true },
      { op: 'r', before: null, after: null, intact: true },
      { op: 'd', before: null, after: null, intact: true },
    ]);
    await reader.close();
  });

  it('logs a row outside the filter as absent', async () => {
    const [view] = fixture.views('filtered');
    const both = ['inside', 'outside'].map((key) => difference(key, 'filtered'));
    await repairer(1000, 'filtered').repair(both, view!);
    const rows = await logged('op, row_key, after_image');
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual(['r', '["inside"]', '["inside", "1"]']);
    expect(rows).toContainEqual(['d', '["outside"]', null]);
  });

  it('waits for a writer of the row, so that its entry stands behind the change', async () => {
    const writer = await busyWriter("UPDATE r SET n = 5 WHERE k = 'Here'");
    const [view] = fixture.views('r');
    const repairing = repairer(1000).repair([difference('Here')], view!);
    await sleep(300);
    await writer.query('COMMIT');
    await repairing;
    const rows = await logged('op, after_image');
    expect(rows).toEqual([
      ['u', '["Here", "5", "😀"]'],
      ['r', '["Here", "5", "😀"]'],
    ]);
  });

  it('names the transaction that keeps a row locked, while it waits and when it gives the row up', async () => {
    const writer = await busyWriter("UPDATE r SET n = 6 WHERE k = 'Here'");
    const [[session]] = await writer.query<RowDataPacket[]>(
      'SELECT CONNECTION_ID() AS id, USER() AS account',
    );
    const name = new RegExp(
      `^waiting for [4-9] s for a row that is locked by thread ${session!['id']} of ${session!['account']}:\\d+, open for \\d+ s, idle for \\d+ s: .*KILL ${session!['id']}$`,
    );
    const [view] = fixture.views('r');
    const said: string[] = [];
    const impatient = async () => {
      const connection = await fixture.connect();
      await connection.query('SET innodb_lock_wait_timeout = 7');
      return connection;
    };
    const outcomes = await repairer(1000, 'r', impatient, (sentence) => said.push(sentence)).repair(
      [difference('Here')],
      view!,
    );
    await writer.query('ROLLBACK');
    expect(said).not.toEqual([]);
    for (const sentence of said) expect(sentence).toMatch(name);
    expect(outcomes).toEqual([
      {
        ...{ action: 'write', result: 'different' },
        note: expect.stringMatching(
          new RegExp(
            `^not sent again: .*\\(it waited for a row that is locked by thread ${session!['id']} of `,
          ),
        ),
      },
    ]);
  });

  it('R4: many rows of one transaction wait for no writer of one of them while they are locked', async () => {
    const writer = await busyWriter('UPDATE many SET n = 7 WHERE k = 40');
    const [view] = fixture.views('many');
    const repairing = repairer(1000, 'many').repair(
      manyKeys.map((key) => difference(key, 'many')),
      view!,
    );
    await sleep(300);
    // Were row 40 waited for with others locked, this would fail, and a writer could meet a deadlock.
    for (const key of [3, 39, 45])
      await writer.query(`SELECT k FROM many WHERE k = ${key} FOR UPDATE NOWAIT`);
    await writer.query('COMMIT');
    await repairing;
    const rows = await logged('op, row_key, COALESCE(after_image, before_image)');
    expect(rows.filter(([op]) => op === 'r')).toHaveLength(manyKeys.length);
    expect(rows.filter(([, key]) => key === '["40"]').map(([op, , image]) => [op, image])).toEqual([
      ['u', '["40", "7"]'],
      ['r', '["40", "7"]'],
    ]);
  });

  it('R4: knows a row by its key, however the server writes it: leading zeros, year 0, exponents', async () => {
    const keys: Difference['key'][] = [];
    for await (const chunk of fixture.source('odd').chunks())
      for await (const rows of chunk) keys.push(...rows.map(({ key }) => key));
    const [view] = fixture.views('odd');
    const differences = keys.map((key) => ({ ...difference('odd', 'odd'), key }));
    // Together, and each alone.
    await repairer(1000, 'odd').repair(differences, view!);
    await repairer(1, 'odd').repair(differences.slice(0, 1), view!);
    const rows = await logged('op, after_image IS NULL');
    expect(rows).toEqual(Array.from({ length: 4 }, () => ['r', expect.anything()]));
    expect(rows.map(([, lacks]) => String(lacks))).toEqual(['0', '0', '0', '0']);
  });

  it('R4: nothing gets between the look at an absent row and its entry, whatever the isolation of the server', async () => {
    const writer = await application();
    let inserting: Promise<unknown> | undefined;
    const connect = async () => {
      const connection = await fixture.connect();
      await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      const query = connection.query.bind(connection) as (...args: unknown[]) => Promise<unknown>;
      connection.query = (async (sql: unknown, ...rest: unknown[]) => {
        const answer = await query(sql, ...rest);
        if (String(sql).endsWith('FOR UPDATE')) {
          inserting = writer.query('INSERT INTO many VALUES (500, 1)');
          await sleep(300);
        }
        return answer;
      }) as Connection['query'];
      return connection;
    };
    const absent = repairer(1000, 'many', connect);
    const [view] = fixture.views('many');
    await absent.repair([difference(500, 'many')], view!);
    await inserting;
    absent.close();
    const rows = await logged('op');
    expect(rows).toEqual([['d'], ['c']]);
  });

  it('R4: repairs of both targets at once share no transaction', async () => {
    const statements = new Map<Connection, string[]>();
    const watched = async () => {
      const connection = await fixture.connect();
      const seen: string[] = [];
      const query = connection.query.bind(connection) as (...args: unknown[]) => unknown;
      connection.query = ((sql: unknown, ...rest: unknown[]) => {
        if (/^(START|COMMIT|ROLLBACK)/.test(String(sql))) seen.push(String(sql));
        return query(sql, ...rest);
      }) as Connection['query'];
      statements.set(connection, seen);
      return connection;
    };
    const both = repairer(100, 'many', watched);
    await Promise.all(
      fixture.views('many').map((view) =>
        both.repair(
          manyKeys.map((key) => difference(key, 'many')),
          view,
        ),
      ),
    );
    const used = [...statements.values()].filter(({ length }) => length > 0);
    expect(used).toHaveLength(4);
    for (const seen of used)
      expect(seen).toEqual(seen.map((_, at) => (at % 2 ? 'COMMIT' : 'START TRANSACTION')));
    both.close();
  });

  it('a row that another transaction keeps locked is told of, and the others are logged', async () => {
    const writer = await busyWriter('UPDATE many SET n = 9 WHERE k = 2');
    const hasty = repairer(1000, 'many', async () => {
      const connection = await fixture.connect();
      await connection.query('SET SESSION innodb_lock_wait_timeout = 1');
      return connection;
    });
    const [view] = fixture.views('many');
    const outcomes = await hasty.repair(
      [1, 2].map((key) => difference(key, 'many')),
      view!,
    );
    await writer.query('ROLLBACK');
    expect(outcomes.map(({ note }) => note)).toEqual([
      expect.stringContaining('see tributary status'),
      expect.stringContaining('kept the row locked'),
    ]);
    hasty.close();
  });

  it('keeps to its rate', async () => {
    const [view] = fixture.views('r');
    const started = performance.now();
    await repairer(20).repair(
      Array.from({ length: 10 }, (_, at) => difference(`none ${at}`)),
      view!,
    );
    expect(performance.now() - started).toBeGreaterThan(450);
  });
});
