import { waitFor } from '@tributary/testing';
import { Source, usualFlavours } from './source';

describe.each(usualFlavours)('tables that change while they are published, on %s', (flavour) => {
  let source: Source;
  beforeEach(async () => {
    source = await new Source(flavour, ['t', 'other']).open();
    await source.query('ALTER TABLE t MODIFY v INT');
    await source.query(`INSERT INTO t VALUES (1, 10), (2, 20)`);
    await source.query(`INSERT INTO other VALUES (1, 'a')`);
  });
  afterEach(() => source.close());

  /** Each row of the table has the form of the schema that its event names, which is on its topic before. */
  function expectFittingRows(): void {
    for (const [event, schema] of source.kafka.eventsWithSchemas()) {
      expect(schema?.table).toBe(event.table);
      const kind = schema!.columns.find(({ name }) => name === 'v')!.kind;
      if (event.after)
        expect([event.after, typeof event.after['v']]).toEqual([
          event.after,
          kind === 'int' ? 'number' : 'string',
        ]);
    }
  }

  it('R9: what was logged under the old type is published as the table has it now, and no term ends', async () => {
    const term = await source.lead();
    await source.untilEqual();
    const { reached, release } = source.kafka.hold(({ table }) => table === source.table('other'));
    await source.query(`UPDATE other SET v = 'b'`);
    await reached;
    await source.query('UPDATE t SET v = 11 WHERE id = 1');
    await source.query('ALTER TABLE t MODIFY v DECIMAL(10, 2)');
    await source.query('UPDATE t SET v = 2.5 WHERE id = 2');
    await source.query(`UPDATE other SET v = 'c'`);
    release();
    await waitFor(() => term.events('drift-mended').length > 0, { timeoutMs: 20_000 });
    await source.query('INSERT INTO t VALUES (3, 3.5)');
    await source.untilEqual();
    expectFittingRows();
    const updates = source.kafka.events(source.table()).filter(({ op }) => op === 'u');
    expect(updates.map(({ after }) => after)).toEqual([
      { id: 1, v: '11.00' },
      { id: 2, v: '2.50' },
    ]);
    expect(term.events('drift')).not.toEqual([]);
    expect(term.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('R8 R15: a table whose triggers are gone is captured again and loaded, and others are not', async () => {
    const term = await source.lead();
    await source.untilEqual();
    const loads = [(await source.pending()).loads, (await source.pending('other')).loads];
    const triggers = await source.query<{ name: string }>(
      `SELECT trigger_name AS name FROM information_schema.triggers
       WHERE event_object_schema = '${source.database}' AND event_object_table = 't'`,
    );
    for (const { name } of triggers) await source.query(`DROP TRIGGER ${name}`);
    await source.query('UPDATE t SET v = 12 WHERE id = 1');
    await waitFor(() => term.events('drift-mended').length > 0, { timeoutMs: 20_000 });
    await source.untilEqual();
    expect(term.events('drift-mended')).toEqual([
      expect.objectContaining({ tables: [source.table()], loads: [source.table()] }),
    ]);
    expect((await source.pending()).loads).toBeGreaterThan(loads[0]!);
    expect((await source.pending('other')).loads).toBe(loads[1]);
  });

  it('R15: the load of a table that comes back waits until it is captured, and says so', async () => {
    const term = await source.lead();
    await source.untilEqual();
    await source.query('DROP TABLE t');
    await waitFor(() => term.events('table-gone').length > 0, { timeoutMs: 20_000 });
    await source.query('CREATE TABLE t (id INT PRIMARY KEY, v INT)');
    // Whoever reads it keeps triggers from being made.
    const reading = await source.connect();
    await reading.query('START TRANSACTION');
    await reading.query('SELECT * FROM t');
    const jobs = () =>
      source.query<{ state: string; waits_for: string | null }>(
        `SELECT state, waits_for FROM ${source.captureSchema}.snapshot_job WHERE table_name = '${source.table()}' AND state <> 'done'`,
      );
    await waitFor(async () => (await jobs()).some(({ waits_for }) => waits_for !== null), {
      timeoutMs: 20_000,
    });
    expect(await jobs()).toEqual([
      { state: 'queued', waits_for: expect.stringMatching(/capture .* to be repaired/) },
    ]);
    await source.query('INSERT INTO t VALUES (7, 70)');
    await reading.query('COMMIT');
    await source.untilEqual();
    expect(await jobs()).toEqual([]);
  });

  it('R15: a table that is dropped is told once, and others go on', async () => {
    const term = await source.lead();
    await source.untilEqual();
    await source.query('DROP TABLE t');
    await source.query(`INSERT INTO other VALUES (2, 'b')`);
    const held = () => source.kafka.events(source.table('other')).some(({ id }) => id === 2);
    await waitFor(() => held() && term.events('table-gone').length > 0, { timeoutMs: 20_000 });
    expect(term.events('table-gone').map(({ table }) => table)).toEqual([source.table()]);
    // For the clean-up.
    await source.query('CREATE TABLE t (id INT PRIMARY KEY, v INT)');
  });
});
