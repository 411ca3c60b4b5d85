import { SyncError } from '@tributary/kernel';
import { captureStatus, installCapture, openMysql, uninstallCapture, type Connection } from '../src';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('installation on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  beforeAll(async () => {
    source = await openSource(flavour);
    admin = source.admin;
    await admin.query('CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(20))');
    await admin.query('CREATE TABLE b (id INT PRIMARY KEY, v VARCHAR(20), w INT)');
    await admin.query('CREATE TABLE audit (id INT AUTO_INCREMENT PRIMARY KEY, what INT)');
    await admin.query(
      'CREATE TRIGGER tributary_not_ours_i_v1 AFTER INSERT ON a FOR EACH ROW INSERT INTO audit (what) VALUES (NEW.id)',
    );
  });
  afterAll(() => source.close());

  const triggers = async () => {
    const [rows] = await admin.query(
      `SELECT trigger_name AS name, event_object_table AS tbl FROM information_schema.triggers WHERE trigger_schema = ? ORDER BY 1`,
      [source.database],
    );
    return rows as { name: string; tbl: string }[];
  };
  const ours = async () =>
    (await triggers())
      .filter(({ name }) => /_[0-9a-f]{8}_/.test(name))
      .map(({ name }) => name.slice(-4))
      .sort();
  const states = async (...entries: string[]) =>
    (await captureStatus(source.relay, source.config(...entries))).map(({ table, state }) => [
      table.split('.')[1],
      state,
    ]);

  it('R14: the whole installation is refused, and nothing is changed, when no table is left', async () => {
    await admin.query('CREATE TABLE nokey (a INT, UNIQUE KEY (a))');
    await admin.query('CREATE TABLE isam (id INT PRIMARY KEY) ENGINE=MyISAM');
    await admin.query('CREATE VIEW v AS SELECT * FROM a');
    const faulty: [entry: string, message: RegExp][] = [
      [
        '{ table: DB.nokey }',
        /nokey has neither a primary key nor a unique key of NOT NULL columns: add one/,
      ],
      ['{ table: DB.isam }', /isam uses the engine MyISAM.*ENGINE = InnoDB/],
      ['{ table: DB.v }', /DB\.v is a view, and only base tables/],
      ['{ table: DB.none }', /DB\.none of the sync file does not exist on this server/],
      ['{ table: "DB.x*" }', /matches no table/],
      ['{ table: DB.b, key: [w] }', /may hold NULL in w/],
      ['{ table: DB.b, key: [v2] }', /has no column v2/],
      ['{ table: DB.b, columns: { exclude: [zz] } }', /has no column zz, which the sync file excludes/],
      ['{ table: DB.b, columns: { exclude: [id] } }', /excludes id, a column of its key/],
      ['{ table: DB.b, columns: { mask: { id: redact } } }', /masks id, a column of its key/],
      ['{ table: DB.b, columns: { rename: { v: w } } }', /two fields w/],
      ['{ table: DB.b, where: "nope = 1" }', /row filter of .*nope/],
      ['{ table: DB.b, where: "id = 1)) OR ((1=1" }', /row filter/],
      ['{ table: DB.b, where: "id IN (SELECT 1)" }', /holds a SELECT/],
      ['{ table: "DB.*", columns: { mask: { emial: redact } } }', /masks emial for a pattern, but none/],
    ];
    for (const [entry, message] of faulty) {
      const config = source.config(entry);
      const expected = new RegExp(message.source.replace('DB\\.', `${source.database}\\.`), 's');
      await expect(installCapture(source.relay, config)).rejects.toThrow(expected);
      await expect(installCapture(source.relay, config)).rejects.toBeInstanceOf(SyncError);
    }
    await expect(
      installCapture(source.relay, source.config(...faulty.slice(0, 4).map(([entry]) => entry))),
    ).rejects.toThrow(/nokey(.|\n)*isam/);
    expect(await ours()).toEqual([]);
    const [schemas] = await admin.query('SHOW DATABASES LIKE ?', [source.captureSchema]);
    expect(schemas).toEqual([]);
    await admin.query('DROP TABLE nokey, isam');
    await admin.query('DROP VIEW v');
  });

  it('is idempotent, and repairs what a crash half-way, a hand or an ALTER has left', async () => {
    const config = source.config('{ table: DB.a }', '{ table: DB.b }');
    let notes = '';
    const install = async () => {
      const result = await installCapture(source.relay, config);
      notes = result.notes.join('\n');
      return result.tables.map(({ action }) => action);
    };
    expect(await states('{ table: DB.a }', '{ table: DB.b }')).toEqual([
      ['a', 'missing'],
      ['b', 'missing'],
    ]);
    expect(await install()).toEqual(['created', 'created']);
    // What an application may notice is said when capture begins, and not again.
    expect([/LOCK TABLES.*START TRANSACTION/.test(notes), /--skip-triggers/.test(notes)]).toEqual([
      flavour === 'mysql',
      true,
    ]);
    const first = await triggers();
    expect(first.every(({ name }) => name.length <= 64)).toBe(true);
    expect(await install()).toEqual(['unchanged', 'unchanged']);
    expect(notes).not.toMatch(/START TRANSACTION|--skip-triggers/);
    expect(await triggers()).toEqual(first);
    expect(await states('{ table: DB.a }', '{ table: DB.b }')).toEqual([
      ['a', 'ok'],
      ['b', 'ok'],
    ]);

    // A crash between CREATE and DROP: two triggers for one event.
    const name = first.find(
      ({ name: n, tbl }) => tbl === 'a' && /_i_v1$/.test(n) && n.startsWith('tributary_a'),
    )!.name;
    const [[{ body }]] = (await admin.query(
      'SELECT action_statement AS body FROM information_schema.triggers WHERE trigger_name = ?',
      [name],
    )) as unknown as [[{ body: string }]];
    await admin.query(`CREATE TRIGGER ${name.replace('v1', 'v2')} AFTER INSERT ON a FOR EACH ROW ${body}`);
    expect(await states('{ table: DB.a }')).toEqual([
      ['a', 'duplicate'],
      ['b', 'orphan'],
    ]);
    expect(await install()).toEqual(['replaced', 'unchanged']);
    expect(await ours()).toEqual(
      ['_d_v1', '_d_v3', '_i_v1', '_i_v3', '_u_v1', '_u_v3'].map((n) => n.slice(1)).sort(),
    );

    await admin.query('ALTER TABLE b ADD COLUMN late INT, MODIFY v VARCHAR(30)');
    const drift = await captureStatus(source.relay, config);
    expect(drift.map(({ state }) => state)).toEqual(['ok', 'stale']);
    expect(drift[1]!.detail).toMatch(/column late is new, column v was varchar\(20\) and is varchar\(30\)/);
    expect(await install()).toEqual(['unchanged', 'replaced']);

    // While a trigger names a dropped column it logs keys only; installing again mends it.
    await admin.query('ALTER TABLE b DROP COLUMN late');
    await admin.query(`INSERT INTO b VALUES (9, 1, 1)`);
    expect((await source.log()).at(-1)!.after).toBeNull();
    expect(await install()).toEqual(['unchanged', 'replaced']);
    await admin.query('INSERT INTO b VALUES (1, 1, 1)');

    await admin.query(
      `DROP TRIGGER ${(await triggers()).find(({ name: n, tbl }) => tbl === 'b' && n.includes('_d_v'))!.name}`,
    );
    expect(await states('{ table: DB.a }', '{ table: DB.b }')).toEqual([
      ['a', 'ok'],
      ['b', 'missing'],
    ]);
    expect(await install()).toEqual(['unchanged', 'replaced']);
    // Another option in the sync file is another text.
    expect(await states('{ table: DB.a }', '{ table: DB.b, before: false }')).toEqual([
      ['a', 'ok'],
      ['b', 'changed'],
    ]);
  });

  it('waits out an open transaction on the table, and never on other tables for long', async () => {
    await admin.query('CREATE TABLE c (id INT PRIMARY KEY, v INT)');
    const config = source.config('{ table: DB.a }', '{ table: DB.b }', '{ table: DB.c }');
    await installCapture(source.relay, config);
    const app = await source.open();
    await app.query('BEGIN');
    await app.query(`INSERT INTO b VALUES (50, 'open', 1)`);
    const other = await source.open();
    await other.query('BEGIN');
    await other.query('INSERT INTO c VALUES (1, 1)');
    const waits: string[] = [];
    await admin.query('ALTER TABLE a ADD COLUMN more INT');
    // b's transaction stays open all the while, and it has written to the log.
    await installCapture(source.relay, config);
    const changed = source.config('{ table: DB.a }', '{ table: DB.b }', '{ table: DB.c, before: false }');
    // Not after some seconds: on a busy machine the first installation alone takes that long.
    const onWaiting = (sentence: string) => {
      waits.push(sentence);
      void other.query('COMMIT');
    };
    await installCapture(source.relay, changed, { onWaiting });
    expect(waits).toContainEqual(
      expect.stringMatching(
        /triggers of \S+\.c wait for the table, .*thread \d+ of \S+, open for \d+ s, idle for/,
      ),
    );
    await app.query('COMMIT');
    expect((await captureStatus(source.relay, changed)).map(({ state }) => state)).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  }, 60_000);

  it('R1: re-creating triggers under load misses no change', async () => {
    await admin.query('CREATE TABLE busy (id INT AUTO_INCREMENT PRIMARY KEY, v INT)');
    const entries = ['{ table: DB.busy }', '{ table: DB.busy, before: false }'];
    await installCapture(source.relay, source.config(entries[0]!), { tables: [`${source.database}.busy`] });
    let running = true;
    const writers = Array.from({ length: 3 }, async () => {
      const writer = await source.open();
      while (running) await writer.query('INSERT INTO busy (v) VALUES (1)');
    });
    for (let round = 1; round <= 20; round += 1)
      await installCapture(source.relay, source.config(entries[round % 2]!));
    running = false;
    await Promise.all(writers);
    const [[count]] = (await admin.query(
      `SELECT COUNT(*) AS n, (SELECT COUNT(*) FROM ${source.captureSchema}.change_log l JOIN ${source.captureSchema}.table_shape s ON s.id = l.shape_id WHERE s.table_name LIKE '%.busy') AS logged FROM busy`,
    )) as unknown as [[{ n: number; logged: number }]];
    expect(Number(count.n)).toBeGreaterThan(20);
    expect(Number(count.logged)).toBe(Number(count.n));
  }, 60_000);

  it('uninstalls its own triggers only, and the schema only when nothing is left', async () => {
    const { captureSchema } = source;
    const one = await uninstallCapture(
      source.relay,
      { captureSchema },
      { tables: [`${source.database}.a`], all: true },
    );
    expect([one.dropped.length, one.schemaDropped]).toEqual([3, false]);
    const rest = await uninstallCapture(source.relay, { captureSchema }, { all: true });
    expect(rest.schemaDropped).toBe(true);
    expect((await triggers()).map(({ name }) => name)).toEqual(['tributary_not_ours_i_v1']);
    await admin.query('INSERT INTO a (id) VALUES (77)');
  });

  it('R14: a missing right is named with the GRANT that gives it, and changes nothing', async () => {
    const account = `u${source.database.slice(-9)}`;
    await admin.query(`CREATE USER '${account}'@'%' IDENTIFIED BY 'pw'`);
    await admin.query(`GRANT SELECT ON ${source.database}.* TO '${account}'@'%'`);
    const url = new URL(source.adminUrl);
    url.username = account;
    url.password = 'pw';
    const poor = await openMysql(url.toString());
    const config = source.config('{ table: DB.a }');
    await expect(installCapture(poor, config)).rejects.toThrow(
      /lacks TRIGGER on .*\.a: an administrator must run GRANT TRIGGER ON/s,
    );
    await expect(installCapture(poor, config)).rejects.toThrow(
      /lacks CREATE, SELECT, INSERT.* on the capture schema/s,
    );
    await admin.query(`GRANT SELECT, TRIGGER, LOCK TABLES ON ${source.database}.* TO '${account}'@'%'`);
    await admin.query(`GRANT ALL ON ${source.captureSchema}.* TO '${account}'@'%'`);
    const again = await openMysql(url.toString());
    const result = await installCapture(again, config);
    expect(result.definer).toBe(`${account}@%`);
    expect(result.notes.join('\n')).toMatch(/lacks PROCESS(.|\n)*Triggers run with the rights of/);
    await admin.query('INSERT INTO a (id) VALUES (78)');
    expect(await source.log()).toHaveLength(1);
    await uninstallCapture(again, config, { all: true });
    await Promise.all([poor.end(), again.end()]);
    await admin.query(`DROP USER '${account}'@'%'`);
  });

  it('says in one sentence what is wrong with an address, and never the password', async () => {
    const url = new URL(source.url);
    url.password = 'sesame';
    const wrong = openMysql(url.toString());
    await expect(wrong).rejects.toThrow(
      /refuses the account tributary_relay of MYSQL_URL: check its user name and password/,
    );
    await expect(wrong).rejects.not.toThrow(/sesame/);
    await expect(openMysql('mysql://u:p@127.0.0.1:1')).rejects.toThrow(
      /does not answer at 127\.0\.0\.1:1 \(MYSQL_URL, ECONNREFUSED\)/,
    );
    await expect(openMysql('mysql://u:p@no-such-host.invalid')).rejects.toThrow(
      /No address is known for the host no-such-host\.invalid|does not answer at no-such-host/,
    );
    await expect(openMysql('nonsense')).rejects.toThrow(/MYSQL_URL is not a URL: it must look like mysql:/);
  });
});
