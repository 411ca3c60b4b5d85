import { installCapture, openMysql } from '../src';
import { uniqueName } from '@tributary/testing';
import { Follower, sorted } from './follower';
import { flavours, openSource, type Source } from './servers';

interface Play {
  readonly what: string;
  readonly only?: 'mysql' | 'mariadb';
  readonly tables: readonly string[];
  /** Each leaves the target equal to the source. */
  readonly statements: readonly string[];
}

/** Statements that fire triggers in an unusual order, or whose effect is not what they say. */
const plays: Play[] = [
  {
    what: 'portions of a period: what is left of a row is reported before its delete',
    only: 'mariadb',
    tables: [
      'CREATE TABLE period (id INT PRIMARY KEY, s DATE, e DATE, n INT, PERIOD FOR p (s, e))',
      'CREATE TABLE parts (id INT, `s s` DATE, e DATE, n INT, PERIOD FOR p (`s s`, e), PRIMARY KEY (id, p WITHOUT OVERLAPS))',
    ],
    statements: [
      `INSERT INTO period VALUES (1, '2020-01-01', '2021-01-01', 1), (2, '2020-01-01', '2021-01-01', 1)`,
      `INSERT INTO parts VALUES (1, '2020-01-01', '2021-01-01', 1), (2, '2020-01-01', '2021-01-01', 1)`,
      `DELETE FROM period FOR PORTION OF p FROM '2020-06-01' TO '2022-01-01' WHERE id = 1`,
      `DELETE FROM period FOR PORTION OF p FROM '2019-06-01' TO '2020-02-01' WHERE id = 1`,
      `UPDATE period FOR PORTION OF p FROM '2019-01-01' TO '2022-01-01' SET n = 2, id = 7 WHERE id = 1`,
      `DELETE FROM period FOR PORTION OF p FROM '2019-06-01' TO '2022-02-01'`,
      `DELETE FROM parts FOR PORTION OF p FROM '2020-06-01' TO '2020-07-01' WHERE id = 1`,
      `UPDATE parts FOR PORTION OF p FROM '2020-06-01' TO '2020-08-01' SET n = 2 WHERE id = 2`,
      `UPDATE parts FOR PORTION OF p FROM '2019-06-01' TO '2020-08-01' SET n = 3, id = 9 WHERE id = 2`,
      `UPDATE parts FOR PORTION OF p FROM '2020-02-01' TO '2020-03-01' SET n = n + 1`,
      `DELETE FROM parts`,
    ],
  },
  {
    what: 'REPLACE and INSERT that meet several rows, keys that change places',
    tables: ['CREATE TABLE odd (id INT PRIMARY KEY, u INT UNIQUE, v INT UNIQUE, n INT)'],
    statements: [
      'INSERT INTO odd VALUES (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3)',
      'REPLACE INTO odd VALUES (1, 2, 3, 9)',
      'REPLACE INTO odd SELECT id + 1, u, v, n FROM odd',
      'INSERT INTO odd VALUES (7, 2, 3, 1) ON DUPLICATE KEY UPDATE id = 8, u = 9',
      'INSERT INTO odd VALUES (8, 2, 5, 1) ON DUPLICATE KEY UPDATE id = 2',
      'INSERT INTO odd VALUES (20, 20, 20, 20), (21, 21, 21, 21)',
      'REPLACE INTO odd (id, u, v, n) VALUES (21, 20, 20, 5), (22, 21, 21, 6), (21, 21, 20, 7)',
      'UPDATE odd SET id = id + 1 ORDER BY id DESC',
      'UPDATE odd a JOIN odd b ON a.id = b.id SET a.id = a.id + 100, a.n = b.n + 1',
      'UPDATE odd SET id = id - 100, n = n + 1 ORDER BY id',
      'UPDATE odd a, odd b SET a.n = 50, b.n = 60 WHERE a.id = b.id',
      'DELETE a FROM odd a JOIN odd b ON a.id >= b.id',
    ],
  },
  {
    what: 'DELETE and INSERT with RETURNING',
    only: 'mariadb',
    tables: ['CREATE TABLE giving (id INT PRIMARY KEY, u INT UNIQUE, n INT)'],
    statements: [
      'INSERT INTO giving VALUES (1, 1, 1), (2, 2, 2) RETURNING id',
      'REPLACE INTO giving VALUES (2, 1, 1) RETURNING n',
      'DELETE FROM giving RETURNING *',
    ],
  },
  ...['latin1_swedish_ci', 'utf8mb4_general_ci', 'utf8mb4_bin'].map((collation): Play => {
    const letter = collation.replace(/_/g, '');
    const column = (type: string) => `${type} CHARACTER SET ${collation.split('_')[0]} COLLATE ${collation}`;
    return {
      what: `ON UPDATE CASCADE from VARCHAR to CHAR, ${collation}`,
      tables: [
        `CREATE TABLE p_${letter} (k ${column('VARCHAR(10)')} PRIMARY KEY)`,
        `CREATE TABLE c_${letter} (id INT, k ${column('CHAR(10)')}, PRIMARY KEY (k, id), FOREIGN KEY (k) REFERENCES p_${letter} (k) ON UPDATE CASCADE)`,
        `CREATE TABLE g_${letter} (id INT, k ${column('CHAR(12)')}, cid INT, PRIMARY KEY (k, cid, id), FOREIGN KEY (k, cid) REFERENCES c_${letter} (k, id) ON UPDATE CASCADE)`,
      ],
      statements: [
        `INSERT INTO p_${letter} VALUES ('a'), ('b ')`,
        `INSERT INTO c_${letter} VALUES (1, 'a'), (2, 'b')`,
        `INSERT INTO g_${letter} VALUES (1, 'a', 1), (2, 'b', 2)`,
        `UPDATE p_${letter} SET k = 'x ' WHERE k = 'a'`,
        `UPDATE p_${letter} SET k = 'X  ' WHERE k LIKE 'x%'`,
        `UPDATE p_${letter} SET k = 'y' WHERE k LIKE 'X%'`,
        `UPDATE p_${letter} SET k = 'b' WHERE k LIKE 'b%'`,
      ],
    };
  }),
];

describe.each(flavours)('odd statements on %s', (flavour) => {
  const here = plays.filter(({ only }) => only === undefined || only === flavour);
  let source: Source;
  let follower: Follower;
  beforeAll(async () => {
    source = await openSource(flavour);
    const tables = here.flatMap((play) => play.tables);
    for (const sql of tables) await source.admin.query(sql);
    const names = tables.map((sql) => /CREATE TABLE (\w+)/.exec(sql)![1]!);
    const config = source.config(...names.map((name) => `{ table: DB.${name} }`));
    await installCapture(source.relay, config);
    follower = await Follower.open(source, config);
  }, 30_000);
  afterAll(async () => {
    await follower?.close();
    await source.close();
  });

  it.each(here)('R1 R7 R8: $what', async ({ statements }) => {
    for (const sql of statements) {
      await source.admin.query(sql);
      await follower.follow();
      expect([sql, sorted(follower.target)]).toEqual([sql, sorted(await follower.present())]);
    }
  });
});

describe.each(flavours)('foreign keys out of sight on %s', (flavour) => {
  it('R1 R8: a row stays that a foreign key of a hidden database keeps', async () => {
    const source = await openSource(flavour);
    const { admin } = source;
    const hidden = `${source.database}_hidden`;
    const user = uniqueName('cap_blind').slice(0, 32);
    const account = `'${user}'@'%'`;
    await admin.query(`CREATE USER ${account} IDENTIFIED BY 'Blind-12-Blind'`);
    const url = new URL(source.url);
    [url.username, url.password] = [user, 'Blind-12-Blind'];
    try {
      await admin.query('CREATE TABLE `kept-é` (id INT PRIMARY KEY, r INT, KEY (r))');
      await admin.query(`CREATE DATABASE ${hidden}`);
      await admin.query(
        `CREATE TABLE ${hidden}.c (id INT PRIMARY KEY, f INT, FOREIGN KEY (f) REFERENCES ${source.database}.\`kept-é\` (r))`,
      );
      await admin.query(`GRANT PROCESS ON *.* TO ${account}`);
      await admin.query(`GRANT SELECT, TRIGGER, LOCK TABLES ON ${source.database}.* TO ${account}`);
      await admin.query(`GRANT ALL ON ${source.captureSchema}.* TO ${account}`);
      const blind = await openMysql(url.toString());
      let follower: Follower | undefined;
      try {
        const config = source.config('{ table: "DB.kept-é" }');
        await installCapture(blind, config);
        follower = await Follower.open(source, config);
        for (const sql of [
          'INSERT INTO `kept-é` VALUES (1, 1), (2, 2)',
          `INSERT INTO ${hidden}.c VALUES (1, 1)`,
          'DELETE IGNORE FROM `kept-é`',
          'UPDATE IGNORE `kept-é` SET r = 5',
          `DELETE FROM ${hidden}.c`,
          'DELETE IGNORE FROM `kept-é`',
        ]) {
          await admin.query(sql);
          await follower.follow();
          expect([sql, sorted(follower.target)]).toEqual([sql, sorted(await follower.present())]);
        }
      } finally {
        await follower?.close();
        await blind.end();
      }
    } finally {
      await admin.query(`DROP DATABASE IF EXISTS ${hidden}`);
      await source.close();
      const cleaner = await openMysql(source.adminUrl);
      await cleaner.query(`DROP USER ${account}`);
      await cleaner.end();
    }
  });
});
