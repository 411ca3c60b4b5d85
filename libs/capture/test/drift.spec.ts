import type { RowDataPacket } from 'mysql2/promise';
import { captureStatus, DdlSentinel, installCapture, type Connection } from '../src';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('capture of tables that are altered on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  beforeAll(async () => {
    source = await openSource(flavour);
    admin = source.admin;
  });
  afterAll(() => source.close());

  const install = (...entries: string[]) => installCapture(source.relay, source.config(...entries));

  /** What the log says of `work`: operation, key, and whether there are images. */
  async function logged(work: () => Promise<unknown>): Promise<string[]> {
    const before = (await source.log()).length;
    await work();
    return (await source.log())
      .slice(before)
      .map(({ op, key, before: was, after: is }) =>
        `${op}${key}${was ? ' was' : ''}${is ? ' is' : ''}`.replaceAll('"', ''),
      );
  }

  /** Each statement on a connection that knew the table before, one that did not, and as a prepared one. */
  async function writers(): Promise<[Connection, (sql: string) => Promise<void>]> {
    const known = await source.open();
    let turn = 0;
    return [
      known,
      async (sql) => {
        turn += 1;
        const connection = turn % 2 ? known : await source.open();
        await connection.query(`SET SESSION sql_mode = 'STRICT_ALL_TABLES'`);
        if (turn % 3) await connection.query(sql);
        else await connection.execute(sql);
      },
    ];
  }

  it('R1: without a captured column the writes pass and log the keys', async () => {
    await admin.query('CREATE TABLE col (id INT PRIMARY KEY, a INT, b BLOB, c VARCHAR(20), d INT)');
    await install('{ table: DB.col }');
    const [known, write] = await writers();
    await known.query(`INSERT INTO col VALUES (1, 1, 'x', 'y', 1), (2, 1, 'x', 'y', 1), (3, 1, 'x', 'y', 1)`);
    await admin.query('ALTER TABLE col DROP COLUMN d');
    const dropped = await logged(async () => {
      for (const id of [10, 20, 30])
        await write(`INSERT INTO col VALUES (${id}, 1, 'x', 'y'), (${id + 1}, 1, 'x', 'y')`);
      for (const value of [2, 3, 4]) await write(`UPDATE col SET a = ${value} WHERE id IN (1, 2)`);
      for (const id of [10, 20, 30]) await write(`DELETE FROM col WHERE id IN (${id}, ${id + 1})`);
      await write('UPDATE col SET id = 5 WHERE id = 3');
    });
    const key = (id: number) => `[${id}]`;
    const keyChange = flavour === 'mysql' ? ['d[3]', 'c[5]'] : ['u[3]', 'u[5]'];
    expect(dropped).toEqual([
      ...[10, 20, 30].flatMap((id) => [`c${key(id)}`, `c${key(id + 1)}`]),
      ...['u[1]', 'u[2]', 'u[1]', 'u[2]', 'u[1]', 'u[2]'],
      ...[10, 20, 30].flatMap((id) => [`d${key(id)}`, `d${key(id + 1)}`]),
      ...keyChange,
    ]);
    await install('{ table: DB.col }');
    await admin.query('ALTER TABLE col CHANGE c c2 VARCHAR(20)');
    expect(await logged(() => write('UPDATE col SET a = a + 1 WHERE id < 3'))).toEqual(['u[1]', 'u[2]']);
    await admin.query('ALTER TABLE col CHANGE c2 c VARCHAR(20)');
    expect(await logged(() => write('UPDATE col SET a = a + 1 WHERE id = 1'))).toEqual(['u[1] was is']);
  });

  it('R1: without its key column a change is logged as one whose key is not known', async () => {
    await admin.query('CREATE TABLE keyed (a INT, b INT, v INT, PRIMARY KEY (a, b))');
    await install('{ table: DB.keyed }');
    const [known, write] = await writers();
    await known.query('INSERT INTO keyed VALUES (1, 1, 1), (2, 2, 2)');
    await admin.query('ALTER TABLE keyed CHANGE b b2 INT');
    const log = await logged(async () => {
      await write('INSERT INTO keyed VALUES (3, 3, 3), (4, 4, 4)');
      await write('UPDATE keyed SET v = v + 1 WHERE a < 3');
      await write('DELETE FROM keyed WHERE a = 4');
    });
    expect(log).toEqual(['k[]', 'k[]', 'k[]', 'k[]', 'k[]']);
    const [rows] = await admin.query<RowDataPacket[]>('SELECT a, v FROM keyed ORDER BY a');
    expect(rows.map(({ a, v }) => `${a} ${v}`)).toEqual(['1 2', '2 3', '3 3']);
  });

  it('R1: without a column of its row filter a row counts as inside, to be read again', async () => {
    await admin.query('CREATE TABLE filtered (id INT PRIMARY KEY, v INT, hidden INT)');
    await install('{ table: DB.filtered, where: "hidden > 0", columns: { exclude: [hidden] } }');
    const [known, write] = await writers();
    await known.query('INSERT INTO filtered VALUES (1, 1, 1), (2, 2, 0)');
    await admin.query('ALTER TABLE filtered DROP COLUMN hidden');
    const log = await logged(async () => {
      await write('INSERT INTO filtered VALUES (3, 3)');
      await write('UPDATE filtered SET v = 5 WHERE id < 3');
      await write('DELETE FROM filtered WHERE id = 1');
    });
    expect(log).toEqual(['c[3]', 'u[1] was', 'u[2] was', 'd[1] was']);
  });

  it('R1: a change that cannot be logged fails instead of being missed', async () => {
    await admin.query('CREATE TABLE strict (id INT PRIMARY KEY, v INT)');
    await install('{ table: DB.strict }');
    const log = `${source.captureSchema}.change_log`;
    await admin.query(`RENAME TABLE ${log} TO ${log}_away`);
    try {
      await expect(admin.query('INSERT INTO strict VALUES (1, 1)')).rejects.toThrow(/change_log/);
      await admin.query('ALTER TABLE strict CHANGE id id2 INT');
      await expect(admin.query('INSERT INTO strict VALUES (1, 1)')).rejects.toThrow(/change_log/);
    } finally {
      await admin.query(`RENAME TABLE ${log}_away TO ${log}`);
    }
  });

  it('R1 R8: a parent is deleted and changed although a child was altered or dropped', async () => {
    await admin.query('CREATE TABLE parent (id INT PRIMARY KEY)');
    const references = 'FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE';
    await admin.query(`CREATE TABLE child (id INT PRIMARY KEY, p INT, ${references})`);
    await admin.query(
      'CREATE TABLE grandchild (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES child (id) ON DELETE CASCADE)',
    );
    await admin.query('INSERT INTO parent VALUES (1), (2), (3), (4), (5)');
    await admin.query('INSERT INTO child VALUES (10, 1), (20, 2), (30, 3), (40, 4)');
    await admin.query('INSERT INTO grandchild VALUES (100, 10), (200, 20), (300, 30), (400, 40)');
    await install('{ table: DB.child }', '{ table: DB.grandchild }');
    const [, write] = await writers();
    expect(await logged(() => write('DELETE FROM parent WHERE id = 1'))).toEqual(['u[10]', 'u[100]']);
    await admin.query('ALTER TABLE child CHANGE p p2 INT');
    expect(await logged(() => write('DELETE FROM parent WHERE id = 2'))).toEqual(['k[]', 'k[]']);
    expect(await logged(() => write('UPDATE parent SET id = 33 WHERE id = 3'))).toContain('k[]');
    await admin.query('ALTER TABLE parent CHANGE id id2 INT');
    expect(await logged(() => write('DELETE FROM parent WHERE id2 = 33'))).toContain('k[]');
    expect(await logged(() => write('UPDATE parent SET id2 = 44 WHERE id2 = 4'))).toContain('k[]');
    await admin.query('DROP TABLE grandchild, child');
    expect(await logged(() => write('DELETE FROM parent WHERE id2 = 44'))).toContain('k[]');
  });

  it('R1 R9: a value past a small max_allowed_packet is logged by key, not as NULL', async () => {
    await admin.query('CREATE TABLE packet (id INT PRIMARY KEY, b VARBINARY(30000), t VARCHAR(5000), v INT)');
    await install('{ table: DB.packet }');
    await admin.query(`INSERT INTO packet VALUES (1, REPEAT('x', 20000), REPEAT('y', 5000), 1)`);
    const [[{ size }]] = (await admin.query('SELECT @@global.max_allowed_packet AS size')) as unknown as [
      [{ size: number }],
    ];
    // For as long as it takes to connect: other tests run on the same server.
    await admin.query('SET GLOBAL max_allowed_packet = 32768');
    let small: Connection;
    try {
      small = await source.open();
    } finally {
      await admin.query(`SET GLOBAL max_allowed_packet = ${size}`);
    }
    const log = await logged(async () => {
      await small.query('UPDATE packet SET v = 2');
      await small.query(`INSERT INTO packet SELECT 2, b, t, v FROM packet WHERE id = 1`);
      await small.query(`UPDATE packet SET b = CONCAT(b, REPEAT('z', 10000)) WHERE id = 1`);
    });
    expect(log).toEqual(['u[1]', 'c[2]', 'u[1]']);
  });

  /** `table state home` of the tables with such names that are not ok. */
  const states = async (names: RegExp, ...entries: string[]) =>
    (await captureStatus(source.relay, source.config(...entries)))
      .filter(({ state }) => state !== 'ok')
      .map(({ table, state, home }) => [table, state, home].map((text) => text?.replace(/^.*\./, '')))
      .map((parts) => parts.filter(Boolean).join(' '))
      .filter((text) => names.test(text));

  it('a table swap takes the triggers along, which is seen and mended', async () => {
    await admin.query('CREATE TABLE s1 (id INT PRIMARY KEY, v INT)');
    await admin.query('CREATE TABLE s1_new (id INT PRIMARY KEY, v INT)');
    await admin.query('CREATE TRIGGER users_own BEFORE INSERT ON s1_new FOR EACH ROW SET NEW.v = NEW.v * 10');
    await install('{ table: DB.s1 }');
    await admin.query('RENAME TABLE s1 TO s1_old, s1_new TO s1');
    expect(await states(/^s1/, '{ table: DB.s1 }')).toEqual(['s1 missing', 's1_old moved s1']);
    const { tables } = await install('{ table: DB.s1 }');
    expect(tables.map(({ action }) => action)).toContain('created');
    expect(await states(/^s1/, '{ table: DB.s1 }')).toEqual([]);
    expect(await logged(() => admin.query('INSERT INTO s1_old VALUES (1, 1)'))).toEqual([]);
    expect(await logged(() => admin.query('INSERT INTO s1 VALUES (1, 1)'))).toEqual(['c[1] is']);
    expect((await source.log()).at(-1)!.after).toBe('["1", "10"]'); // the user's trigger still fires
  });

  it('captured tables that exchange their names exchange their triggers', async () => {
    const entries = ['{ table: DB.s2 }', '{ table: DB.s3 }'];
    for (const name of ['s2', 's3']) await admin.query(`CREATE TABLE ${name} (id INT PRIMARY KEY, v INT)`);
    await install(...entries);
    await admin.query('RENAME TABLE s2 TO s_tmp, s3 TO s2, s_tmp TO s3');
    expect(await states(/^s[23]/, ...entries)).toEqual(['s2 missing', 's3 missing']);
    await install(...entries);
    expect(await states(/^s[23]/, ...entries)).toEqual([]);
    expect(await logged(() => admin.query('INSERT INTO s2 VALUES (1, 1)'))).toHaveLength(1);
    expect(await logged(() => admin.query('INSERT INTO s3 VALUES (1, 1)'))).toHaveLength(1);
  });

  it('a table that is renamed away keeps its triggers for the way back', async () => {
    await admin.query('CREATE TABLE s4 (id INT PRIMARY KEY)');
    await install('{ table: DB.s4 }');
    await admin.query('RENAME TABLE s4 TO s4_away');
    expect(await states(/^s4/, '{ table: DB.s4 }')).toEqual(['s4 suspended', 's4_away moved']);
    await admin.query('RENAME TABLE s4_away TO s4');
    expect(await states(/^s4/, '{ table: DB.s4 }')).toEqual([]);
  });

  it.each([
    ['as its statements tell', true],
    ['by the server’s count', false],
  ])('the sentinel sees every change of a table, and none where there is none, %s', async (_how, told) => {
    const names = ['w1', 'w2', "w'3"];
    await admin.query("DROP TABLE IF EXISTS w1, w1_old, w2, `w'3`, w4");
    for (const name of [...names, 'w4'])
      await admin.query(`CREATE TABLE \`${name}\` (id INT PRIMARY KEY, v INT)`);
    const tables = names.map((name) => `${source.database}.${name}`);
    await admin.query(`CREATE DATABASE IF NOT EXISTS ${source.captureSchema}`);
    const sentinel = await DdlSentinel.open(source.url, told ? source.captureSchema : undefined);
    const queries = jest.spyOn(sentinel.connection, 'query');
    const afterwards = async (...ddl: string[]) => {
      for (const statement of ddl) await admin.query(statement);
      return [await sentinel.changed(tables), await sentinel.changed(tables)];
    };
    expect(await afterwards()).toEqual([true, false]);
    expect(await afterwards('INSERT INTO w1 VALUES (1, 1)', 'ALTER TABLE w4 ADD COLUMN x INT')).toEqual([
      false,
      false,
    ]);
    for (const change of [
      'ADD COLUMN n INT',
      'MODIFY n BIGINT',
      'CHANGE n m BIGINT',
      'DROP COLUMN m',
      'ADD UNIQUE KEY (v)',
    ])
      expect([change, ...(await afterwards(`ALTER TABLE \`w'3\` ${change}`))]).toEqual([change, true, false]);
    const swap = ['CREATE TABLE w1_new LIKE w1', 'RENAME TABLE w1 TO w1_old, w1_new TO w1'];
    expect(await afterwards(...swap)).toEqual([true, false]);
    expect(await afterwards('TRUNCATE TABLE w2', 'ALTER TABLE w2 ADD COLUMN n INT')).toEqual([true, false]);
    expect(await afterwards('DROP TABLE w2')).toEqual([true, true]);
    expect(await afterwards('CREATE TABLE w2 (id INT PRIMARY KEY)')).toEqual([true, false]);
    const counted = queries.mock.calls.some(([sql]) => String(sql).includes('reprepare'));
    expect(counted).toBe(!told);
    sentinel.close();
  });

  it('the sentinel does not wait for a table that an ALTER has locked', async () => {
    await admin.query('CREATE TABLE locked (id INT PRIMARY KEY)');
    const tables = [`${source.database}.locked`];
    const sentinel = await DdlSentinel.open(source.url, source.captureSchema);
    await sentinel.changed(tables);
    const holder = await source.open();
    await holder.query('BEGIN');
    await holder.query('INSERT INTO locked VALUES (1)');
    const altering = (await source.open()).query('ALTER TABLE locked ADD COLUMN v INT');
    const altered = altering.then(() => true);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await sentinel.changed(tables)).toBe(true);
    expect(await Promise.race([altered, Promise.resolve(false)])).toBe(false);
    await holder.query('COMMIT');
    await altered;
    sentinel.close();
  });
});
