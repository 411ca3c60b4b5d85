import { captureStatus, installCapture, uninstallCapture, type Connection } from '../src';
import { Follower, sorted } from './follower';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('cascades on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  beforeEach(async () => {
    source = await openSource(flavour);
    admin = source.admin;
  });
  afterEach(() => source.close());

  /** Installs capture, plays the relay from an empty target, and gives target and source, which must be equal. */
  async function follow(tables: string[], fill: string[], changes: string[]) {
    const config = source.config(...tables.map((table) => `{ table: DB.${table} }`));
    const result = await installCapture(source.relay, config);
    const follower = await Follower.open(source, config);
    const { target } = follower;
    for (const sql of fill) await admin.query(sql);
    await follower.follow();
    const full = target.size;
    for (const sql of changes) {
      const [{ warningStatus = 0 }] = (await admin.query(sql)) as unknown as [{ warningStatus?: number }];
      if (!/IGNORE/.test(sql)) expect([sql, warningStatus]).toEqual([sql, 0]);
      await follower.follow();
      expect([sql, sorted(target)]).toEqual([sql, sorted(await follower.present())]);
    }
    await follower.close();
    expect((await captureStatus(source.relay, config)).every(({ state }) => state === 'ok')).toBe(true);
    expect(
      (await installCapture(source.relay, config)).tables.every(({ action }) => action === 'unchanged'),
    ).toBe(true);
    return { full, left: target.size, installed: result.tables.map(({ table }) => table.split('.')[1]) };
  }

  it('R8: deletes reach all levels, through tables that are not captured, and SET NULL changes rows', async () => {
    await admin.query('CREATE TABLE a (id INT PRIMARY KEY)');
    await admin.query(
      'CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE)',
    );
    await admin.query(
      'CREATE TABLE c (id INT PRIMARY KEY, b INT, v VARCHAR(9), FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE)',
    );
    await admin.query(
      'CREATE TABLE n (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES c (id) ON DELETE SET NULL)',
    );
    const outcome = await follow(
      ['c', 'n'],
      [
        'INSERT INTO a VALUES (1), (2), (3)',
        'INSERT INTO b VALUES (10, 1), (11, 1), (20, 2), (30, 3)',
        `INSERT INTO c VALUES (100, 10, 'x'), (101, 11, 'y'), (200, 20, 'z'), (300, 30, 'w')`,
        'INSERT INTO n VALUES (1, 100), (2, 200), (3, NULL), (4, 300)',
      ],
      ['DELETE FROM a WHERE id = 1', 'DELETE FROM b WHERE id = 20', 'DELETE FROM a', 'DELETE FROM n'],
    );
    expect(outcome).toEqual({ full: 8, left: 0, installed: ['a', 'b', 'c', 'n'] });
  });

  it('R8: self-references, to the depth that the server allows', async () => {
    await admin.query(
      'CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)',
    );
    await admin.query(
      'CREATE TABLE leaf (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES tree (id) ON DELETE CASCADE)',
    );
    const outcome = await follow(
      ['tree', 'leaf'],
      [
        'INSERT INTO tree VALUES (1, NULL)',
        ...Array.from(
          { length: 13 },
          (_, at) => `INSERT INTO tree VALUES (${at + 2}, ${at + 1}), (${at + 102}, ${at + 1})`,
        ),
        'INSERT INTO leaf SELECT id, id FROM tree',
      ],
      [
        'DELETE FROM tree WHERE id = 12',
        'DELETE FROM tree WHERE id IN (5, 6, 104)',
        'DELETE FROM tree WHERE id = 1',
      ],
    );
    expect([outcome.full, outcome.left]).toEqual([54, 0]);
  });

  it('R8: updates of composite keys reach the children and their own keys', async () => {
    await admin.query('CREATE TABLE p (k1 VARCHAR(9), k2 INT, v INT, PRIMARY KEY (k1, k2))');
    await admin.query(
      'CREATE TABLE q (k1 VARCHAR(9), k2 INT, n INT, PRIMARY KEY (k1, k2, n), FOREIGN KEY (k1, k2) REFERENCES p (k1, k2) ON UPDATE CASCADE ON DELETE CASCADE)',
    );
    await admin.query(
      'CREATE TABLE r (id INT PRIMARY KEY, k1 VARCHAR(9), k2 INT, n INT, FOREIGN KEY (k1, k2, n) REFERENCES q (k1, k2, n) ON UPDATE CASCADE ON DELETE SET NULL)',
    );
    await admin.query(
      'CREATE TABLE s (id INT PRIMARY KEY, k1 VARCHAR(9), k2 INT, FOREIGN KEY (k1, k2) REFERENCES p (k1, k2) ON UPDATE SET NULL ON DELETE CASCADE)',
    );
    const outcome = await follow(
      ['q', 'r', 's'],
      [
        `INSERT INTO p VALUES ('a', 1, 0), ('b', 1, 0), ('c', 3, 0)`,
        `INSERT INTO q VALUES ('a', 1, 1), ('a', 1, 2), ('b', 1, 1), ('c', 3, 1)`,
        `INSERT INTO r VALUES (1, 'a', 1, 1), (2, 'a', 1, 2), (3, 'b', 1, 1), (4, 'c', 3, 1)`,
        `INSERT INTO s VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 3)`,
      ],
      [
        `UPDATE p SET v = 1`,
        `UPDATE p SET k2 = 7 WHERE k1 = 'a'`,
        `UPDATE p SET k1 = 'B' WHERE k1 = 'b'`,
        `UPDATE q SET n = 9 WHERE n = 2`,
        `DELETE FROM p WHERE k1 = 'b'`,
        `REPLACE INTO p VALUES ('c', 3, 5)`,
      ],
    );
    expect(outcome.installed).toEqual(['p', 'q', 'r', 's']);
  });

  it('R1 R8: statements that use the children themselves', async () => {
    await admin.query('CREATE TABLE m (id INT PRIMARY KEY)');
    await admin.query(
      'CREATE TABLE d (id INT, m INT, PRIMARY KEY (m, id), FOREIGN KEY (m) REFERENCES m (id) ON DELETE CASCADE ON UPDATE CASCADE)',
    );
    await follow(
      ['d'],
      ['INSERT INTO m VALUES (1), (2), (3), (4)', 'INSERT INTO d VALUES (1, 1), (2, 2), (3, 3), (4, 4)'],
      [
        'DELETE m FROM m JOIN d ON d.m = m.id WHERE d.id = 1',
        'DELETE FROM m WHERE id IN (SELECT m FROM d WHERE id = 2)',
        'UPDATE m JOIN d ON d.m = m.id SET m.id = 13 WHERE d.id = 3',
        'DELETE m, d FROM m JOIN d ON d.m = m.id WHERE d.id = 4',
      ],
    );
  });

  it('R8: what a refused or ignored delete did not do stays undone', async () => {
    await admin.query('CREATE TABLE m (id INT PRIMARY KEY)');
    await admin.query(
      'CREATE TABLE d (id INT PRIMARY KEY, m INT, FOREIGN KEY (m) REFERENCES m (id) ON DELETE CASCADE)',
    );
    await admin.query('CREATE TABLE guard (m INT PRIMARY KEY, FOREIGN KEY (m) REFERENCES m (id))');
    await follow(
      ['d'],
      [
        'INSERT INTO m VALUES (1), (2)',
        'INSERT INTO d VALUES (1, 1), (2, 2)',
        'INSERT INTO guard VALUES (1)',
      ],
      ['DELETE IGNORE FROM m', 'INSERT INTO d VALUES (3, 1)'],
    );
    await expect(admin.query('DELETE FROM m')).rejects.toThrow(/foreign key/);
    await uninstallCapture(source.relay, source, {});
    await admin.query('DELETE FROM guard');
    await admin.query('DELETE FROM m');
  });

  it('R8: cascades in too many ways are refused by name', async () => {
    await admin.query('CREATE TABLE w (id INT PRIMARY KEY, a INT, b INT, c INT)');
    for (const column of ['a', 'b', 'c'])
      await admin.query(
        `ALTER TABLE w ADD CONSTRAINT way_${column} FOREIGN KEY (${column}) REFERENCES w (id) ON DELETE CASCADE`,
      );
    await expect(installCapture(source.relay, source.config('{ table: DB.w }'))).rejects.toThrow(
      /cascade from .*\.w \(way_[abc] and others\).*RESTRICT/,
    );
  });
});
