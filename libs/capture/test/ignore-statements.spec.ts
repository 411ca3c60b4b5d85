import type { RawCell } from '@tributary/contract';
import { describeTables, installCapture, LogReader, rereadRow } from '../src';
import { flavours, openSource, type Source } from './servers';

/**
 * Statements with IGNORE whose change a constraint stops: one of the servers fires the trigger for each of them all
 * the same, as for a change that took place. Those at the end do change something.
 */
const statements = [
  'UPDATE IGNORE c SET u = 2, v = 9 WHERE id = 1',
  'UPDATE IGNORE c SET id = 2 WHERE id = 1',
  'UPDATE IGNORE c SET id = 2, v = 9 WHERE id IN (1, 3)',
  'UPDATE IGNORE c SET f = 77 WHERE id = 1',
  'UPDATE IGNORE p SET id = 5 WHERE id = 1',
  'UPDATE IGNORE p SET r = 7 WHERE id = 1',
  'DELETE IGNORE FROM p WHERE id < 3',
  'INSERT IGNORE INTO c VALUES (7, 7, 99, 1), (1, 8, 1, 1), (8, 2, 1, 1)',
  'INSERT IGNORE INTO c VALUES (1, 9, 1, 1) ON DUPLICATE KEY UPDATE u = 2, v = 5',
  'UPDATE IGNORE c SET u = u + 1, v = v + 1 ORDER BY id',
  'UPDATE c SET u = u + 10, f = 2',
  'UPDATE c SET id = id + 10, v = 3',
  'DELETE FROM c WHERE id = 12',
  'DELETE IGNORE FROM p',
  'DELETE FROM c',
  'DELETE IGNORE FROM p',
];

describe.each(flavours)('phantom changes on %s', (flavour) => {
  let source: Source;
  beforeAll(async () => {
    source = await openSource(flavour);
    const { admin } = source;
    await admin.query('CREATE TABLE p (id INT PRIMARY KEY, r INT, KEY (r))');
    await admin.query(
      'CREATE TABLE c (id INT PRIMARY KEY, u INT UNIQUE, f INT, v INT, FOREIGN KEY (f) REFERENCES p (id))',
    );
    await admin.query('CREATE TABLE q (id INT PRIMARY KEY, r INT, FOREIGN KEY (r) REFERENCES p (r))');
  });
  afterAll(() => source.close());

  it('R1 R8: changes that IGNORE gave up leave no wrong row in a target', async () => {
    const { admin, relay } = source;
    const config = source.config('{ table: DB.p }', '{ table: DB.c, columns: { exclude: [u] } }');
    await installCapture(relay, config);
    const plans = await describeTables(relay, config);
    const reader = await LogReader.open({
      url: source.url,
      captureSchema: source.captureSchema,
      owner: 'phantoms',
    });
    await reader.acquireLease();
    const [shapes] = (await admin.query(
      `SELECT id, table_name AS name FROM ${source.captureSchema}.table_shape`,
    )) as unknown as [{ id: number; name: string }[]];
    const target = new Map<string, string>();
    const follow = async () => {
      const batch = await reader.readBatch(1000, 1e7);
      for (const { op, shapeId, rowKey, after, intact } of batch) {
        expect(intact).toBe(true);
        const { name } = shapes.find(({ id }) => id === shapeId)!;
        const plan = plans.find(({ settings }) => settings.table === name)!;
        const cells: readonly RawCell[] | null =
          op === 'd' ? null : (after ?? (await rereadRow(source.relay, plan, rowKey)));
        const key = `${plan.settings.name} ${rowKey.join()}`;
        if (cells === null) target.delete(key);
        else target.set(key, cells.join());
      }
      await reader.acknowledge(batch.map(({ id }) => id));
    };
    const present = async () => {
      const rows = new Map<string, string>();
      for (const [table, columns] of [
        ['p', 'id, r'],
        ['c', 'id, f, v'],
      ] as const) {
        const [found] = await admin.query({ sql: `SELECT ${columns} FROM ${table}`, rowsAsArray: true });
        for (const row of found as unknown as unknown[][]) rows.set(`${table} ${String(row[0])}`, row.join());
      }
      return rows;
    };
    try {
      await admin.query('INSERT INTO p VALUES (1, 1), (2, 2), (3, 3)');
      await admin.query('INSERT INTO c VALUES (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 1, 3)');
      await admin.query('INSERT INTO q VALUES (1, 1)');
      await follow();
      for (const sql of statements) {
        await admin.query(sql);
        await follow();
        expect([sql, [...target].sort()]).toEqual([sql, [...(await present())].sort()]);
      }
    } finally {
      await reader.close();
    }
  });
});
