import { inspectTables } from '../src';
import { flavours, openSource, type Source } from './servers';

const ALTERS = 120;

describe.each(flavours)('tables that are altered while they are looked at on %s', (flavour) => {
  let source: Source;
  beforeAll(async () => {
    source = await openSource(flavour);
  });
  afterAll(() => source.close());

  it('R15: a table that an ALTER exchanges is never taken for one without columns or keys, or for none', async () => {
    await source.admin.query('DROP TABLE IF EXISTS t');
    await source.admin.query('CREATE TABLE t (id INT PRIMARY KEY, v INT, filler VARCHAR(300))');
    const rows = Array.from({ length: 500 }, (_, id) => [id, 1, 'x'.repeat(200)]);
    await source.admin.query('INSERT INTO t VALUES ?', [rows]);
    let altering = true;
    const alters = (async () => {
      for (let turn = 0; turn < ALTERS; turn += 1)
        await source.admin.query(`ALTER TABLE t MODIFY v ${turn % 2 ? 'INT' : 'VARCHAR(20)'}`);
    })().finally(() => (altering = false));
    const found = new Set<string>();
    while (altering)
      for (const { code } of (await inspectTables(source.relay, source.config('{ table: DB.t }'))).faults)
        found.add(code);
    await alters;
    expect([...found]).toEqual([]);
  }, 120_000);
});
