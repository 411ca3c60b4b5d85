import { Source } from './source';

describe('capture that had drifted while no relay led', () => {
  let source: Source;
  beforeEach(async () => {
    source = await new Source('mysql', ['t', 'other']).open();
    await source.query(`INSERT INTO t VALUES (1, 'a'), (2, 'b')`);
    await source.query(`INSERT INTO other VALUES (1, 'a'), (2, 'b')`);
    const term = await source.lead();
    await source.untilEqual();
    await term.stop();
  });
  afterEach(() => source.close());

  const triggersOf = (table: string) =>
    source.query<Record<string, string>>(
      `SELECT trigger_name AS name, event_manipulation AS event FROM information_schema.triggers
       WHERE event_object_schema = '${source.database}' AND event_object_table = '${table}'`,
    );
  const triggerOf = async (table: string, event: string) =>
    (await triggersOf(table)).find((trigger) => trigger['event'] === event)!['name']!;

  /** Installs, leads, and says of which tables loads were queued at the start. */
  async function loadedAtStart(): Promise<string[]> {
    const before = await Promise.all(['t', 'other'].map((name) => source.pending(name)));
    const told = await source.install();
    const after = await Promise.all(['t', 'other'].map((name) => source.pending(name)));
    const loaded = ['t', 'other'].filter((_, at) => after[at]!.loads > before[at]!.loads);
    expect(new Set(told.filter(({ event }) => event === 'drift').map(({ table }) => table))).toEqual(
      new Set(loaded.map((name) => source.table(name))),
    );
    await source.lead();
    await source.untilEqual();
    return loaded;
  }

  it('is left alone where it is in order', async () => {
    await source.query(`UPDATE t SET v = 'c'`);
    expect(await loadedAtStart()).toEqual([]);
  });

  it('R11: a trigger that was dropped has missed changes', async () => {
    await source.query(`DROP TRIGGER ${await triggerOf('t', 'UPDATE')}`);
    await source.query(`UPDATE t SET v = 'unseen'`);
    expect(await loadedAtStart()).toEqual(['t']);
  });

  it('R11: a trigger whose text was altered may have missed changes', async () => {
    const name = await triggerOf('t', 'UPDATE');
    const [{ 'SQL Original Statement': text } = {}] = await source.query(`SHOW CREATE TRIGGER ${name}`);
    await source.query(`DROP TRIGGER ${name}`);
    await source.query(String(text).replace('DEFAULT FALSE', 'DEFAULT 0'));
    await source.query(`UPDATE t SET v = 'who knows'`);
    expect(await loadedAtStart()).toEqual(['t']);
  });

  it('R11: rows that another `where` asks for were not logged', async () => {
    source.config = source.configOf(', where: id > 1');
    await source.install();
    const term = await source.lead();
    await source.untilIdle();
    await term.stop();
    await source.query(`UPDATE t SET v = 'outside' WHERE id = 1`);
    source.config = source.configOf('');
    expect(await loadedAtStart()).toEqual(['t', 'other']);
  });

  it('two triggers for one event, as a crash leaves them, have missed nothing', async () => {
    const name = await triggerOf('t', 'UPDATE');
    const [{ 'SQL Original Statement': text } = {}] = await source.query(`SHOW CREATE TRIGGER ${name}`);
    await source.query(
      String(text).replace(
        name,
        name.replace(/_v(\d+)$/, (_, version) => `_v${Number(version) + 1}`),
      ),
    );
    expect((await triggersOf('t')).length).toBe(4);
    expect(await loadedAtStart()).toEqual([]);
  });
});
