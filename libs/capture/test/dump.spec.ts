import { uniqueName } from '@tributary/testing';
import { captureStatus, installCapture, LogReader, uninstallCapture, type Connection } from '../src';
import { dump, restore } from './dump';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('dumps of captured tables, on %s', (flavour) => {
  let source: Source;
  let admin: Connection;
  beforeAll(async () => {
    source = await openSource(flavour);
    admin = source.admin;
  });
  afterAll(() => source.close());

  const entry = '{ table: DB.item }';
  const config = () => source.config('{ table: DB.item }', '{ table: DB.child }');
  const states = async () =>
    (await captureStatus(source.relay, config())).map(({ table, state }) => [table, state]);

  beforeEach(async () => {
    await admin.query('DROP TABLE IF EXISTS child, item');
    await admin.query('CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20))');
    await admin.query(
      'CREATE TABLE child (id INT PRIMARY KEY, pid INT, FOREIGN KEY (pid) REFERENCES item (id) ON DELETE CASCADE)',
    );
    await installCapture(source.relay, config());
    await admin.query(`INSERT INTO item VALUES (1, 'one'), (2, 'two')`);
    await admin.query('INSERT INTO child VALUES (1, 1)');
  });

  it('R1: a restore is not broken off by the triggers that the relay makes meanwhile', async () => {
    const statements = [...(await dump(admin, 'child')), ...(await dump(admin, 'item'))];
    const session = await source.open();
    await restore(session, statements, async (statement) => {
      if (/^CREATE TABLE|^INSERT|^UNLOCK|TRIGGER/.test(statement) && !statement.startsWith('LOCK'))
        if (!/^INSERT/.test(statement))
          await installCapture(source.relay, source.config(entry)).catch(() => {});
    });
    await installCapture(source.relay, config());
    expect(await states()).toEqual([
      [`${source.database}.child`, 'ok'],
      [`${source.database}.item`, 'ok'],
    ]);
    await admin.query(`DELETE FROM ${source.captureSchema}.change_log`);
    await admin.query(`UPDATE item SET name = 'changed' WHERE id = 2`);
    expect(await source.log()).toHaveLength(1);
  });

  it('R1, R4: restored into another database it logs nothing, and writes there are as without triggers', async () => {
    const statements = [...(await dump(admin, 'item')), ...(await dump(admin, 'child'))];
    const staging = uniqueName('cap_staging');
    await admin.query(`CREATE DATABASE ${staging}`);
    try {
      const session = await source.open();
      await session.query(`USE ${staging}`);
      const before = await source.log();
      await restore(session, statements);
      await session.query('SET foreign_key_checks = 1');
      await session.query(`INSERT INTO item VALUES (3, 'staging')`);
      await session.query(`UPDATE item SET name = 'staging'`);
      await session.query('UPDATE item SET id = 102 WHERE id = 2');
      await session.query('DELETE FROM item WHERE id = 102');
      // From a session whose database is the production one as well.
      await admin.query(`UPDATE ${staging}.item SET name = 'other'`);
      await admin.query(`DELETE FROM ${staging}.child`);
      expect(await source.log()).toEqual(before);
      const [markers] = await admin.query(`SELECT id FROM ${source.captureSchema}.change_log WHERE op = 'm'`);
      expect(markers).toEqual([]);
      // The copies are told, and nothing of the production table is made anew or loaded for them.
      expect(await states()).toEqual([
        [`${source.database}.child`, 'ok'],
        [`${source.database}.item`, 'ok'],
        [`${staging}.child`, 'copied'],
        [`${staging}.item`, 'copied'],
      ]);
      expect((await installCapture(source.relay, config())).tables.map(({ action }) => action)).toEqual([
        'unchanged',
        'unchanged',
      ]);
      await admin.query(`UPDATE item SET name = 'home' WHERE id = 1`);
      expect((await source.log()).slice(before.length)).toHaveLength(1);
      const { dropped } = await uninstallCapture(source.relay, config(), {
        tables: [`${staging}.item`, `${staging}.child`],
      });
      expect(dropped.every((name) => name.startsWith(staging))).toBe(true);
      expect(await states()).toHaveLength(2);
    } finally {
      await admin.query(`DROP DATABASE ${staging}`);
    }
  });

  it('R4: an entry is believed by the table that it came from, not by the id of its shape', async () => {
    const reader = await LogReader.open({
      url: source.url,
      captureSchema: source.captureSchema,
      owner: 'test',
    });
    try {
      const [shapes] = (await admin.query(
        `SELECT id, table_name AS name FROM ${source.captureSchema}.table_shape ORDER BY id`,
      )) as unknown as [{ id: number; name: string }[]];
      const idOf = (table: string) => shapes.find(({ name }) => name === `${source.database}.${table}`)!.id;
      const [triggers] = (await admin.query(`SHOW TRIGGERS LIKE 'item'`)) as unknown as [
        { Trigger: string; Statement: string; Timing: string; Event: string }[],
      ];
      // As a dump from before capture was installed anew brings it: the ids of shapes were others.
      const trigger = triggers.find(({ Timing, Event }) => Timing === 'AFTER' && Event === 'INSERT')!;
      const body = trigger.Statement.replaceAll(`(${idOf('item')}, `, `(${idOf('child')}, `);
      expect(body).not.toBe(trigger.Statement);
      await admin.query(`DROP TRIGGER ${trigger.Trigger}`);
      await admin.query(`SET sql_mode = ''`);
      await admin.query(`CREATE TRIGGER ${trigger.Trigger} AFTER INSERT ON item FOR EACH ROW ${body}`);
      await admin.query(`DELETE FROM ${source.captureSchema}.change_log`);
      await admin.query(`INSERT INTO item VALUES (7, 'seven')`);
      await admin.query('INSERT INTO child VALUES (8, 7)');
      expect(
        (await reader.readBatch(10, 1e6)).map(({ shapeId, intact, after }) => [shapeId, intact, after]),
      ).toEqual([
        [idOf('item'), true, ['7', 'seven']],
        [idOf('child'), true, ['8', '7']],
      ]);
      // Of a table or columns that nobody knows any more: the row is read again.
      await admin.query(`UPDATE ${source.captureSchema}.change_log SET crc = crc ^ 12345`);
      expect((await reader.readBatch(10, 1e6)).map(({ intact, after }) => [intact, after])).toEqual([
        [false, null],
        [false, null],
      ]);
    } finally {
      await reader.close();
    }
  });
});
