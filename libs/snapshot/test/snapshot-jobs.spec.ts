import { SnapshotJob } from '@tributary/capture-store';
import { SnapshotJobs, type RunningJob } from '../src';
import { openSource, usualFlavours, type Source } from './source';

/** A job that begins with this marker entry. */
const marked = (job: RunningJob, id: bigint) => Object.assign(job, { mark: { id, epoch: 1 } });

describe.each(usualFlavours)('snapshot jobs on %s', (flavour) => {
  let source: Source;
  let jobs: SnapshotJobs;
  let big: string;
  let small: string;
  const start = async (table: string) => (await jobs.startAll([table]))[0]!;

  beforeAll(async () => {
    source = await openSource(flavour);
    [big, small] = [`${source.database}.big`, `${source.database}.small`];
    await source.admin.query(`CREATE TABLE ${big} (id INT PRIMARY KEY, v INT)`);
    await source.admin.query(`CREATE TABLE ${small} (id INT PRIMARY KEY)`);
    const rows = Array.from({ length: 3_000 }, (_, id) => [id, id % 10]);
    await source.admin.query(`INSERT INTO ${big} VALUES ?`, [rows]);
    await source.admin.query(`ANALYZE TABLE ${big}`);
  });
  afterAll(() => source.close());
  beforeEach(async () => {
    await source.relay.query(`DELETE FROM ${source.captureSchema}.snapshot_job`);
    jobs = new SnapshotJobs(source.data.getRepository(SnapshotJob));
  });

  it('refuses in the server’s own words, and queues nothing at all', async () => {
    const none = `${source.database}.none`;
    await expect(jobs.startAll([big, none])).rejects.toThrow(/none' doesn't exist/);
    await expect(jobs.startAll([small, big], 'nonsense > 1')).rejects.toThrow(/Unknown column 'nonsense'/);
    await expect(jobs.startAll([big], 'v >')).rejects.toThrow(/error in your SQL syntax/);
    await expect(jobs.startAll([big], '1 = 1) OR (1 = 1')).rejects.toThrow(/parentheses do not match/);
    expect(await jobs.list()).toEqual([]);
    const [started] = await jobs.startAll([big], "big.v = 1 AND ')' <> '(' -- )");
    expect(started!.created).toBe(true);
  });

  it('queues the same load once; a reload waits behind one that has begun', async () => {
    const { id } = await start(big);
    expect(await jobs.startAll([big])).toEqual([{ table: big, id, state: 'queued', created: false }]);
    expect((await jobs.startAll([big], 'v = 1'))[0]!.created).toBe(true);
    const [job] = await jobs.due(1);
    await jobs.begin(marked(job!, 7n));
    expect(await jobs.chunkDone(job!, { upper: ['99'], rows: 100, busyMs: 10 })).toBe(true);
    expect(await jobs.startAll([big])).toEqual([{ table: big, id, state: 'running', created: false }]);
    expect((await jobs.list())[0]).toMatchObject({ rowsDone: 100 });
    await jobs.reload(big);
    // The one under way may have read rows as they were before; the new one is queued once.
    await jobs.reload(big);
    const whole = (await jobs.list()).filter(({ where }) => where === null);
    expect(whole.map(({ state, rowsDone }) => [state, rowsDone])).toEqual([
      ['running', 100],
      ['queued', 0],
    ]);
  });

  it('lets loads of lower priority wait, and goes on with what has begun', async () => {
    const [first, second] = await jobs.startAll([big, small]);
    expect((await jobs.due(1)).map(({ id }) => id)).toEqual([first!.id]);
    const [, other] = await jobs.due(2);
    await jobs.begin(marked(other!, 1n));
    expect((await jobs.due(1)).map(({ id }) => id)).toEqual([second!.id]);
    const [urgent] = await jobs.startAll([big], 'v = 1', 5);
    expect((await jobs.due(3)).map(({ id }) => id)).toEqual([urgent!.id]);
    await jobs.control('cancel', [urgent!.id]);
    expect((await jobs.due(3)).map(({ id }) => id)).toEqual([second!.id, first!.id]);
  });

  it('R5: notes a chunk only after its predecessor, so two relays cannot set each other back', async () => {
    await start(big);
    const [[mine], [theirs]] = [await jobs.due(1), await jobs.due(1)];
    await jobs.begin(marked(mine!, 1n));
    expect(await jobs.chunkDone(mine!, { upper: ['10'], rows: 11, busyMs: 1 })).toBe(true);
    expect(await jobs.chunkDone(theirs!, { upper: ['5'], rows: 6, busyMs: 1 })).toBe(false);
    expect(await jobs.finish(theirs!, { upper: null, rows: 6, busyMs: 1 })).toBe(false);
    expect(await jobs.chunkDone(mine!, { upper: ['20'], rows: 10, busyMs: 1 })).toBe(true);
    expect((await jobs.due(1))[0]).toMatchObject({ lastKey: '["20"]', rowsDone: 21, chunksDone: 2 });
  });

  it('keeps a pause or a cancel that comes with the last chunk', async () => {
    const { id } = await start(small);
    const [job] = await jobs.due(1);
    await jobs.begin(marked(job!, 1n));
    expect(await jobs.control('pause', [id])).toBe(1);
    expect(await jobs.finish(job!, { upper: null, rows: 3, busyMs: 1 })).toBe(false);
    expect(await jobs.control('resume', [id])).toBe(1);
    expect(await jobs.finish(job!, { upper: null, rows: 3, busyMs: 1 })).toBe(true);
    expect(await jobs.list()).toMatchObject([
      { state: 'done', rowsDone: 3, rowsTotal: 3, totalIsExact: true },
    ]);
    expect(await jobs.control('cancel', [id])).toBe(0);
  });

  it('tells rows, total, rate and time left', async () => {
    await jobs.startAll([big], 'v = 1');
    await start(big);
    const [part, whole] = await jobs.list();
    expect(whole).toMatchObject({
      state: 'queued',
      totalIsExact: false,
      rowsPerSecond: null,
      secondsLeft: null,
    });
    expect(whole!.rowsTotal).toBeGreaterThan(2_000);
    expect(whole!.rowsTotal).toBeLessThan(4_000);
    // MariaDB does not tell how many rows it expects a condition to keep.
    expect(part!.rowsTotal).toBeLessThanOrEqual(flavour === 'MySQL' ? 1_000 : whole!.rowsTotal);
    const job = (await jobs.due(2))[1]!;
    await jobs.begin(marked(job, 1n));
    await jobs.chunkDone(job, { upper: ['999'], rows: 1_000, busyMs: 500 });
    await jobs.chunkDone(job, { upper: ['1499'], rows: 500, busyMs: 250 });
    const now = (await jobs.list()).find(({ id }) => id === job.id)!;
    expect(now).toMatchObject({ rowsDone: 1_500, rowsPerSecond: 2_000 });
    expect(now.secondsLeft).toBe(Math.round((now.rowsTotal - 1_500) / 2_000));
  });

  it('shows the open jobs and the newest of each table as current', async () => {
    for (const state of ['done', 'cancelled', 'done'] as const) {
      const { id } = await start(big);
      await source.data.getRepository(SnapshotJob).update({ id }, { state });
    }
    await jobs.startAll([small], 'id = 1');
    await start(small);
    expect((await jobs.current()).map(({ table, state }) => [table, state])).toEqual([
      [big, 'done'],
      [small, 'queued'],
      [small, 'queued'],
    ]);
  });
});
