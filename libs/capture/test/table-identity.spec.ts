import { setTimeout as sleep } from 'node:timers/promises';
import { stackEnv, uniqueName } from '@tributary/testing';
import { openMysql, type Connection } from '../src/connect';
import { isEmpty, readIncarnations, sameIncarnation, wasRebuilt } from '../src/table-identity';

describe.each([
  ['mysql', 'MYSQL_URL', 'ADMIN_MYSQL_URL'],
  ['mariadb', 'MARIADB_URL', 'ADMIN_MARIADB_URL'],
] as const)('table incarnations on %s', (flavour, url, adminUrl) => {
  const database = uniqueName('cap_test');
  const tables = [`${database}.plain`, `${database}.odd-name $`, `${database}.parts`];
  let admin: Connection;
  let relay: Connection;

  beforeAll(async () => {
    admin = await openMysql(stackEnv()[adminUrl]!);
    relay = await openMysql(stackEnv()[url]!);
    await admin.query(`CREATE DATABASE ${database}`);
    await admin.query(`CREATE TABLE ${database}.plain (id INT PRIMARY KEY)`);
    await admin.query(`CREATE TABLE ${database}.\`odd-name $\` (id INT PRIMARY KEY)`);
    await admin.query(
      `CREATE TABLE ${database}.parts (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2`,
    );
    await admin.query(`INSERT INTO ${database}.plain VALUES (1)`);
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${database}`);
    admin.destroy();
    relay.destroy();
  });

  it('R8: a TRUNCATE, of a partition too, is told from deletes and inserts', async () => {
    const before = await readIncarnations(relay, flavour, tables);
    expect([...before.keys()].sort()).toEqual([...tables].sort());
    await admin.query(`DELETE FROM ${database}.plain`);
    await admin.query(`INSERT INTO ${database}.plain VALUES (2)`);
    expect(await readIncarnations(relay, flavour, tables)).toEqual(before);
    expect(await isEmpty(relay, tables[0]!)).toBe(false);
    await admin.query(`TRUNCATE TABLE ${database}.plain`);
    await admin.query(`TRUNCATE TABLE ${database}.\`odd-name $\``);
    await admin.query(`ALTER TABLE ${database}.parts TRUNCATE PARTITION p1`);
    const after = await readIncarnations(relay, flavour, tables);
    for (const table of tables) expect(after.get(table)).not.toBe(before.get(table));
    expect(await isEmpty(relay, tables[0]!)).toBe(true);
  });

  it('R8: an ALTER that gives rows other values where they are is seen, and no other statement looks like one', async () => {
    const table = `${database}.altered`;
    const read = async () => (await readIncarnations(relay, flavour, [table])).get(table)!;
    /** The server counts seconds. */
    const altered = async (...statements: string[]) => {
      await sleep(1_050);
      for (const sql of statements) await admin.query(sql.replace('$t', table));
      return read();
    };
    await admin.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, a INT, b INT, g INT AS (a + 1) VIRTUAL)`);
    await admin.query(`INSERT INTO ${table} (id, a, b) VALUES (1, 1, 1)`);
    let before = await read();
    const harmless = await altered(
      'UPDATE $t SET a = 2',
      `CREATE TRIGGER ${database}.own AFTER INSERT ON $t FOR EACH ROW SET @x = 1`,
      `DROP TRIGGER ${database}.own`,
      'ANALYZE TABLE $t',
      'LOCK TABLES $t WRITE',
      'UNLOCK TABLES',
      'FLUSH TABLES $t',
    );
    expect(sameIncarnation(before, harmless)).toBe(true);
    for (const statements of [
      ['ALTER TABLE $t DROP COLUMN g, ADD COLUMN g INT AS (a + 2) VIRTUAL'],
      ['ALTER TABLE $t DROP COLUMN b', 'ALTER TABLE $t ADD COLUMN b INT DEFAULT 7'],
    ]) {
      const after = await altered(...statements);
      expect([statements, sameIncarnation(before, after)]).toEqual([statements, false]);
      before = after;
    }
    // What an older version stored is compared by its ids.
    expect(sameIncarnation(before.replace(/@.*/, ''), before)).toBe(true);
    expect(wasRebuilt(before, await altered('TRUNCATE $t'))).toBe(true);
  });
});
