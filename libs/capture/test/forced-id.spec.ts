import { installCapture, type Connection } from '../src';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('ids that a session forces, on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  beforeAll(async () => {
    source = await openSource(flavour);
    admin = source.admin;
    await admin.query('CREATE TABLE plain (id INT PRIMARY KEY, a INT)');
    await admin.query('CREATE TABLE counted (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, a INT)');
    await admin.query('CREATE TABLE parent (id INT PRIMARY KEY, a INT)');
    await admin.query(
      'CREATE TABLE child (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES parent (id) ON DELETE CASCADE)',
    );
    await admin.query('CREATE TABLE audit (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, a INT)');
    await installCapture(
      source.relay,
      source.config(
        '{ table: DB.plain }',
        '{ table: DB.counted }',
        '{ table: DB.parent }',
        '{ table: DB.child }',
      ),
    );
    await admin.query('INSERT INTO plain VALUES (1, 0), (2, 0)');
  });
  afterAll(() => source.close());

  const ids = async () => (await source.log()).map(({ id }) => BigInt(id));

  it.each([
    '0',
    '1',
    '7',
    '2000000000000000',
    '9223372036854775808',
    '18446744073709551614',
    '18446744073709551615',
  ])(
    'R1, R3: SET insert_id = %s is for the application alone: the log keeps its own order',
    async (forced) => {
      const session = await source.open();
      const before = (await ids()).at(-1) ?? 0n;
      await session.query(`SET insert_id = ${forced}`);
      await session.query('UPDATE plain SET a = a + 1');
      await session.query('UPDATE plain SET id = id + 10');
      await session.query('UPDATE plain SET id = id - 10');
      await session.query('REPLACE INTO plain VALUES (1, 5)');
      const [[{ kept }]] = (await session.query('SELECT @@insert_id AS kept')) as unknown as [
        [{ kept: string }],
      ];
      expect(String(kept)).toBe(forced);
      if (forced.length < 19) {
        await session.query('INSERT INTO audit (a) VALUES (1), (2)');
        const [rows] = await session.query('SELECT CAST(id AS CHAR) AS id FROM audit ORDER BY audit.id');
        const first =
          forced !== '0' || flavour === 'mysql' ? BigInt(forced) : BigInt((rows as { id: string }[])[0]!.id);
        expect(rows).toEqual([{ id: String(first) }, { id: String(first + 1n) }]);
        await admin.query('TRUNCATE audit');
      }
      const log = (await source.log()).filter(({ id }) => BigInt(id) > before);
      expect(log.length).toBeGreaterThanOrEqual(11);
      expect(BigInt(log.at(-1)!.id) - before).toBeLessThan(100n);
      await admin.query('SET @x = 1');
      await session.query('UPDATE plain SET a = a + 1');
      expect((await ids()).at(-1)! - before).toBeLessThan(100n);
    },
  );

  it('R1: a forced id goes to the row that would have it without capture', async () => {
    const session = await source.open();
    await admin.query('TRUNCATE counted');
    await session.query('SET insert_id = 500');
    await session.query('INSERT INTO counted (a) VALUES (1), (2)');
    await session.query('INSERT INTO counted (a) VALUES (3)');
    await session.query('SET insert_id = 100');
    await session.query('INSERT INTO counted VALUES (20, 1), (NULL, 2)');
    const [rows] = await session.query('SELECT CAST(id AS CHAR) AS id FROM counted ORDER BY counted.id');
    expect((rows as { id: string }[]).map(({ id }) => id)).toEqual(['20', '100', '500', '501', '502']);
    const log = (await ids()).map(Number);
    expect([...log].sort((a, b) => a - b)).toEqual(log);
  });

  it('R1, R8: nor does a cascade take it', async () => {
    const session = await source.open();
    for (const forced of ['0', '1', '2000000000000000']) {
      await session.query('INSERT INTO parent VALUES (1, 1)');
      await session.query('INSERT INTO child VALUES (1, 1), (2, 1)');
      const before = (await ids()).at(-1)!;
      await session.query(`SET insert_id = ${forced}`);
      await session.query('DELETE FROM parent');
      const log = (await source.log()).filter(({ id }) => BigInt(id) > before);
      expect(log.map(({ key }) => key).sort()).toEqual(['["1"]', '["1"]', '["2"]']);
      expect(BigInt(log.at(-1)!.id) - before).toBeLessThan(20n);
    }
  });

  it('R8: limits of a session for its own queries neither fail a cascade nor hide children of it', async () => {
    const session = await source.open();
    await session.query('INSERT INTO parent VALUES (1, 1)');
    await session.query('INSERT INTO child VALUES (1, 1), (2, 1), (3, 1)');
    const before = (await ids()).at(-1)!;
    await session.query(
      'SET sql_select_limit = 1, max_join_size = 1, sql_big_selects = 0, sql_safe_updates = 1',
    );
    await session.query('DELETE FROM parent WHERE id = 1');
    const log = (await source.log()).filter(({ id }) => BigInt(id) > before);
    expect(log.map(({ key }) => key).sort()).toEqual(['["1"]', '["1"]', '["2"]', '["3"]']);
    const [[kept]] = (await session.query('SELECT @@sql_big_selects AS big')) as unknown as [
      [{ big: number }],
    ];
    expect(Number(kept.big)).toBe(0);
  });

  it('R1: steps of auto_increment_increment keep the order', async () => {
    const session = await source.open();
    await admin.query('REPLACE INTO plain VALUES (1, 0)');
    await session.query('SET auto_increment_increment = 65535, auto_increment_offset = 9');
    await session.query('UPDATE plain SET a = 1');
    await admin.query('UPDATE plain SET a = 2');
    await session.query('UPDATE plain SET a = 3');
    expect(
      (await source.log())
        .filter(({ key }) => key === '["1"]')
        .slice(-3)
        .map(({ after }) => (JSON.parse(after!) as string[])[1]),
    ).toEqual(['1', '2', '3']);
  });

  it('R1, R4: sessions with steps of their own never set the counter of the log back', async () => {
    // InnoDB takes a session's step for that of whoever used the open table before: it gives ids again that are used.
    await admin.query(`DELETE FROM ${source.captureSchema}.change_log`);
    await admin.query('REPLACE INTO plain VALUES (1, 0)');
    const sessions: Connection[] = [];
    for (let nth = 0; nth < 34; nth += 1) sessions.push(await source.open());
    for (const session of sessions.filter((_, nth) => nth % 17 === 0))
      await session.query('SET auto_increment_increment = 10, auto_increment_offset = 3');
    let a = 0;
    for (const session of [...sessions, ...sessions.reverse()])
      for (let times = 0; times < 2; times += 1) await session.query('UPDATE plain SET a = ?', [(a += 1)]);
    const log = (await source.log()).filter(({ key, op }) => key === '["1"]' && op === 'u');
    expect(log.map(({ after }) => Number((JSON.parse(after!) as string[])[1]))).toEqual(
      Array.from({ length: a }, (_, at) => at + 1),
    );
    const [[kept]] = (await sessions
      .at(-1)!
      .query('SELECT @@auto_increment_increment AS step, @@auto_increment_offset AS first')) as unknown as [
      [{ step: number; first: number }],
    ];
    expect([Number(kept.step), Number(kept.first)]).toEqual([10, 3]);
  });

  it('R1: a session without checks (a restore) makes nobody wait for the log', async () => {
    const [restore, other] = [await source.open(), await source.open()];
    await admin.query(`DELETE FROM ${source.captureSchema}.change_log`);
    await admin.query('DELETE FROM plain');
    await admin.query(`DELETE FROM ${source.captureSchema}.change_log`);
    await restore.query('SET unique_checks = 0, foreign_key_checks = 0');
    await other.query('SET innodb_lock_wait_timeout = 2');
    // The server removes deleted entries from an empty log a moment later.
    for (let round = 0; round < 5; round += 1) {
      await admin.query(`TRUNCATE ${source.captureSchema}.change_log`);
      await restore.query('BEGIN');
      await restore.query(`INSERT INTO plain VALUES (${round + 10}, 1)`);
      await other.query('INSERT INTO counted (a) VALUES (9)');
      await restore.query('ROLLBACK');
      expect(await source.log()).toHaveLength(1);
    }
    const [[{ checks }]] = (await restore.query('SELECT @@unique_checks AS checks')) as unknown as [
      [{ checks: number }],
    ];
    expect(Number(checks)).toBe(0);
  });
});
