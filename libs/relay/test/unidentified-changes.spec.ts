import { setTimeout as sleep } from 'node:timers/promises';
import { Source } from './source';

describe('changes that cannot be told from the log', () => {
  let source: Source;
  beforeEach(async () => {
    source = await new Source('mysql', ['t', 'other']).open();
    await source.query(`INSERT INTO t VALUES (1, 'a'), (2, 'b')`);
    await source.query(`INSERT INTO other VALUES (1, 'a')`);
  });
  afterEach(() => source.close());

  /** At no moment is there neither an entry nor a load that stands for it. */
  async function expectLoadBeforeDeletion(loadsBefore: number): Promise<void> {
    for (let entries = 1; entries > 0; await sleep(2)) {
      const now = await source.pending();
      entries = now.entries;
      if (entries === 0) expect(now.loads).toBeGreaterThan(loadsBefore);
    }
  }

  it('R1: rows whose key has got another type come with a load, which is queued before their entries are deleted', async () => {
    const term = await source.lead();
    await source.untilEqual();
    const { reached, release } = source.kafka.hold(({ id }) => id === 3);
    await source.query(`INSERT INTO t VALUES (3, 'c')`);
    await reached;
    const { loads } = await source.pending();
    await source.query(`UPDATE t SET v = 'changed under the old key'`);
    await source.query('ALTER TABLE t MODIFY id BIGINT');
    release();
    await expectLoadBeforeDeletion(loads);
    await source.untilEqual();
    expect(term.events('changes-without-key')).toEqual([expect.objectContaining({ table: source.table() })]);
    await source.query(`INSERT INTO other VALUES (2, 'b')`);
    await source.untilEqual();
  });

  it('R1 R15: a damaged entry is told, its table is loaded before the entry is deleted, and its neighbours go on', async () => {
    const term = await source.lead();
    await source.untilEqual();
    const { loads } = await source.pending();
    const others = (await source.pending('other')).loads;
    await source.query('START TRANSACTION');
    await source.query(`UPDATE t SET v = 'seen by nobody' WHERE id = 1`);
    await source.query(
      `UPDATE ${source.captureSchema}.change_log SET after_image = 'no json', row_key = '[null]' WHERE op = 'u'`,
    );
    await source.query(`UPDATE other SET v = 'whole' WHERE id = 1`);
    await source.query('COMMIT');
    await expectLoadBeforeDeletion(loads);
    await source.untilEqual();
    expect(term.events('entry-damaged').map(({ table }) => table)).toEqual([source.table()]);
    expect((await source.pending('other')).loads).toBe(others);
  });

  it('R8: a TRUNCATE, which no trigger sees, is told, and the rows that it took leave the targets', async () => {
    const term = await source.lead();
    await source.untilEqual();
    await source.query('TRUNCATE t');
    await source.untilEqual();
    expect(term.events('table-truncated').map(({ table }) => table)).toEqual([source.table()]);
  });
});
