import { stackEnv, uniqueName } from '@tributary/testing';
import { openMysql, type Connection } from '../src/connect';
import { isEmpty, readIncarnations } from '../src/table-incarnations';

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
});
