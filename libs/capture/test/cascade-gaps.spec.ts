import { parseSyncConfig } from '@tributary/sync-config';
import { captureStatus, installCapture, uninstallCapture, type Connection } from '../src';
import { Follower, sorted } from './follower';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('cascades that triggers miss on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  beforeEach(async () => {
    source = await openSource(flavour);
    admin = source.admin;
    await admin.query('CREATE TABLE p (id INT PRIMARY KEY, n INT)');
    await admin.query(
      'CREATE TABLE c (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE)',
    );
    await admin.query(
      'CREATE TABLE g (id INT PRIMARY KEY, cid INT, FOREIGN KEY (cid) REFERENCES c (id) ON DELETE SET NULL)',
    );
    await admin.query('CREATE TABLE d (id INT PRIMARY KEY, pid INT, KEY (pid))');
    await admin.query('INSERT INTO p VALUES (1, 0), (2, 0), (3, 0)');
  });
  afterEach(() => source.close());

  const captured = () => source.config('{ table: DB.c }', '{ table: DB.g }', '{ table: DB.d }');
  const install = () => installCapture(source.relay, captured());
  /** Tables that are not in order: state, and children to load again. */
  const gaps = async () => {
    const short = (table: string) => table.replace(`${source.database}.`, '');
    return (await captureStatus(source.relay, captured()))
      .filter(({ state }) => state !== 'ok')
      .map(({ table, state, children }) => `${short(table)} ${state}: ${(children ?? []).map(short).join()}`);
  };
  const triggers = async (table: string) => {
    const [rows] = await admin.query(
      `SELECT trigger_name AS name, action_timing AS timing, event_manipulation AS event
       FROM information_schema.triggers WHERE event_object_schema = ? AND event_object_table = ?`,
      [source.database, table],
    );
    return rows as { name: string; timing: string; event: string }[];
  };

  it('R8: children of all levels are named, of a parent that is not captured too', async () => {
    await install();
    expect(await gaps()).toEqual([]);
    const drop = async (timing: string, event: string) => {
      const found = (await triggers('p')).find((own) => own.timing === timing && own.event === event);
      await admin.query(`DROP TRIGGER ${found!.name}`);
    };
    await drop('BEFORE', 'DELETE');
    expect(await gaps()).toEqual(['p missing: c,g']);
    const [status] = (await captureStatus(source.relay, captured())).filter(({ state }) => state !== 'ok');
    expect(status!.detail).toContain(
      `load ${source.database}.c, ${source.database}.g again (tributary snapshot start --table ${source.database}.c, tributary snapshot start --table ${source.database}.g)`,
    );
    await install();
    await drop('BEFORE', 'UPDATE');
    expect(await gaps()).toEqual(['p missing: c']);
    await install();
    expect(await gaps()).toEqual([]);
    await admin.query('RENAME TABLE p TO p_old');
    await admin.query('CREATE TABLE p LIKE p_old');
    await admin.query('INSERT INTO p SELECT * FROM p_old');
    await admin.query('ALTER TABLE c ADD FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE');
    expect(await gaps()).toEqual(expect.arrayContaining(['p missing: c,g']));
  });

  it('R8: a new foreign key is a gap for its own child only', async () => {
    await install();
    await admin.query('ALTER TABLE d ADD FOREIGN KEY (pid) REFERENCES p (id) ON DELETE CASCADE');
    expect(await gaps()).toEqual(expect.arrayContaining(['p changed: d']));
    await install();
    expect(await gaps()).toEqual([]);
    // Another index for the same foreign key finds the same rows.
    await admin.query('ALTER TABLE d ADD KEY other (pid, id), DROP KEY pid');
    expect(await gaps()).toEqual(['p changed: ']);
  });

  it('R8: triggers of the application that run after ours are found and overtaken again', async () => {
    await install();
    await admin.query(
      'CREATE TRIGGER own_delete BEFORE DELETE ON p FOR EACH ROW UPDATE c SET pid = OLD.id WHERE pid = OLD.id + 1',
    );
    expect(await gaps()).toEqual(['p overtaken: c,g']);
    await install();
    expect(await gaps()).toEqual([]);
    await admin.query(
      'CREATE TRIGGER own_update BEFORE UPDATE ON p FOR EACH ROW IF NEW.n = 1 THEN SET NEW.id = NEW.id + 50; END IF',
    );
    expect(await gaps()).toEqual(['p overtaken: c']);
    await install();
    expect(await gaps()).toEqual([]);
    const follower = await Follower.open(source, captured());
    try {
      for (const sql of [
        'INSERT INTO c VALUES (1, 1), (2, 2), (3, 3)',
        'INSERT INTO g VALUES (1, 1), (2, 2), (3, 3)',
        'DELETE FROM p WHERE id = 1',
        'UPDATE p SET n = 1 WHERE id = 3',
      ]) {
        await admin.query(sql);
        await follower.follow();
        expect([sql, sorted(follower.target)]).toEqual([sql, sorted(await follower.present())]);
      }
    } finally {
      await follower.close();
    }
  });

  it('R1 R8: a repair of some tables leaves the others’ own triggers, and parents that are not captured can be repaired alone', async () => {
    const all = source.config('{ table: DB.p }', '{ table: DB.c }', '{ table: DB.g }', '{ table: DB.d }');
    await installCapture(source.relay, all);
    const before = (await triggers('p')).map(({ timing, event }) => `${timing} ${event}`).sort();
    await admin.query('ALTER TABLE c ADD COLUMN more INT');
    await installCapture(source.relay, all, { tables: [`${source.database}.c`] });
    expect((await triggers('p')).map(({ timing, event }) => `${timing} ${event}`).sort()).toEqual(before);
    expect((await captureStatus(source.relay, all)).every(({ state }) => state === 'ok')).toBe(true);
    await uninstallCapture(source.relay, source);
    await install();
    await admin.query(`DROP TRIGGER ${(await triggers('p'))[0]!.name}`);
    await installCapture(source.relay, captured(), { tables: [`${source.database}.p`] });
    expect(await gaps()).toEqual([]);
  });

  it('R8: another pipeline on the same parent is no trigger of the application', async () => {
    await install();
    const second = parseSyncConfig(
      `{ capture: { schema: ${source.captureSchema}_2 }, tables: [{ table: ${source.database}.c }] }`,
    );
    await installCapture(source.relay, second);
    try {
      expect(await gaps()).toEqual([]);
    } finally {
      await uninstallCapture(source.relay, second, { all: true });
    }
  });
});
