import { imageText, type Image } from '@tributary/contract';
import { openMysql } from '@tributary/capture';
import { ChunkReader } from '@tributary/snapshot';
import { waitFor } from '@tributary/testing';
import { loadWork, type BulkLoad, type LoadResult, type LoadTask, type TaskWork } from '../src';
import { Source } from './source';

const never = new AbortController().signal;

describe('a load by workers', () => {
  let source: Source;
  const workers: TaskWork<LoadTask, LoadResult>[] = [];

  beforeEach(async () => {
    source = await new Source().open(1_000);
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.close();
    await source.close();
  });

  async function worker(): Promise<TaskWork<LoadTask, LoadResult>> {
    const { url: mysqlUrl, config, publisher } = source;
    const connectTarget = () => Promise.reject(new Error('no target is asked for'));
    const work = await loadWork({ mysqlUrl, config, publisher, connectTarget });
    workers.push(work);
    return work;
  }
  async function result(work: TaskWork<LoadTask, LoadResult>, task: LoadTask): Promise<LoadResult> {
    for await (const one of work.run(task)) return one;
    throw new Error('no result');
  }
  const begun = async (where?: string): Promise<BulkLoad> => {
    const load = await source.load(where ?? null);
    await source.begin(load);
    return load;
  };
  const ids = () =>
    source.publisher.rows.map(({ key }) => (JSON.parse(String(key)) as { key: { id: number } }).key.id);
  const controls = () =>
    source.publisher.sent
      .map(({ record }) => record.headers?.['control'])
      .filter((kind) => kind !== undefined);

  it('publishes every row once, as the relay would, under the one floor of the job (R5, R9)', async () => {
    const load = await begun();
    const tasks = await load.tasks(300, 10, never);
    expect(tasks.map(({ no }) => no)).toEqual([0, 1, 2, 3]);
    const work = await worker();
    const outcomes = [];
    for (const task of tasks) outcomes.push(await result(work, task));
    expect(outcomes.map(({ outcome, rows }) => [outcome, rows])).toEqual([
      ['done', 300],
      ['done', 300],
      ['done', 300],
      ['done', 100],
    ]);
    expect(ids()).toEqual(Array.from({ length: 1_000 }, (_, id) => id));
    expect(new Set(source.publisher.sent.map(({ topic }) => topic))).toEqual(
      new Set([source.config.topics.loads]),
    );
    const { floor } = load.job.mark!;
    const version = `0001${floor.padStart(15, '0')}`;
    expect(new Set(source.publisher.rows.map(({ headers }) => headers!['v']))).toEqual(new Set([version]));
    const images = source.publisher.rows.map(
      ({ value }) => (JSON.parse(String(value)) as { after: unknown }).after,
    );
    const read: unknown[] = [];
    for await (const slice of new ChunkReader(() => openMysql(source.url), load.plan, null).slices(
      null,
      null,
    ))
      read.push(...slice.map(({ image }) => JSON.parse(imageText(image as Image)) as unknown));
    expect(images).toEqual(read);
    expect(await load.end(1, never)).toBe(true);
    expect(controls()).toEqual(['load', 'load', 'load', 'sweep', 'sweep', 'sweep']);
    expect(await source.query(`SELECT state, rows_done FROM CAPTURE.snapshot_job`)).toEqual([
      { state: 'done', rows_done: '1000' },
    ]);
  });

  it('goes on with the ranges that are left, and reads no finished one again', async () => {
    const first = await begun();
    const [one] = await first.tasks(300, 2, never);
    await result(await worker(), one!);
    await source.endCommands();
    const second = await source.load();
    expect(await source.begin(second)).toBe(true);
    const tasks = await second.tasks(300, 10, never);
    expect(tasks.map(({ no }) => no)).toEqual([1, 2, 3]);
    expect((await result(await worker(), one!)).outcome).toBe('before');
    expect(ids()).toHaveLength(300);
  });

  it('keeps to its share of the rate that all workers have, in small parts', async () => {
    const load = await source.load(null, 1_000);
    await source.begin(load);
    const [task] = await load.tasks(400, 2, never);
    // Another worker is at work.
    await source.query(
      `UPDATE CAPTURE.bulk_range SET worker = UUID(), lease_until = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND WHERE no = 1`,
    );
    const parts: number[] = [];
    source.publisher.before = (records) => Promise.resolve(void parts.push(records.length));
    const begun = performance.now();
    expect((await result(await worker(), task!)).rows).toBe(400);
    expect(performance.now() - begun).toBeGreaterThan(790);
    expect(Math.max(...parts)).toBe(50);
  });

  it('is refused to a second command while the first lives', async () => {
    await source.load();
    await expect(source.load()).rejects.toThrow(/Another command loads .*\.t by Spark/);
  });

  it('R3: a worker whose range is another’s by now sends nothing more, and notes nothing', async () => {
    const load = await begun();
    const [task] = await load.tasks(1_000, 1, never);
    let release = () => {};
    const frozen = new Promise<void>((resolve) => (release = resolve));
    let sends = 0;
    source.publisher.before = async () => {
      if ((sends += 1) === 1) await frozen;
    };
    const slow = result(await worker(), task!).then(
      () => 'done',
      (error: Error) => error.message,
    );
    await waitFor(() => sends === 1);
    // As if it had been frozen for longer than its lease lasts.
    await source.query(`UPDATE CAPTURE.bulk_range SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND`);
    expect((await result(await worker(), task!)).outcome).toBe('done');
    release();
    expect(await slow).toMatch(/Range 0 of .* is given up: .*another worker has it/);
    expect(await source.query('SELECT state, rows_done, tries FROM CAPTURE.bulk_range')).toEqual([
      { state: 'done', rows_done: '1000', tries: 2 },
    ]);
    // R5: rows that the lost one may still have on their way come before the sweep.
    const stop = new AbortController();
    const ending = load.end(1, stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(controls()).not.toContain('sweep');
    stop.abort();
    await expect(ending).rejects.toThrow();
  }, 30_000);

  it('waits for a range that another worker has, and then leaves it', async () => {
    const load = await begun();
    const [task] = await load.tasks(1_000, 1, never);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    source.publisher.before = () => held;
    const first = result(await worker(), task!);
    await waitFor(
      async () =>
        (await source.query('SELECT 1 FROM CAPTURE.bulk_range WHERE worker IS NOT NULL')).length > 0,
    );
    const second = result(await worker(), task!);
    release();
    expect([(await first).outcome, (await second).outcome]).toEqual(['done', 'before']);
    expect(ids()).toHaveLength(1_000);
  });

  it('R9: gives up a table that is altered while it is read, and the job begins anew', async () => {
    // More than the buffers between us and the server hold, so that the rest is read after the ALTER.
    for (const more of [1_000, 2_000])
      await source.query(
        `INSERT INTO ${source.table} SELECT id + ${more}, REPEAT('x', 8000) FROM ${source.table}`,
      );
    const load = await begun();
    const [task] = await load.tasks(10_000, 1, never);
    const work = await worker();
    let altering: Promise<unknown> | undefined;
    source.publisher.before = async () => {
      await (altering ??= source.query(`ALTER TABLE ${source.table} MODIFY v VARBINARY(8000)`));
    };
    expect((await result(work, task!)).outcome).toBe('changed');
    expect(ids().length).toBeLessThan(4_000);
    expect(await source.query('SELECT state FROM CAPTURE.bulk_range')).toEqual([{ state: 'open' }]);
  });

  it.each([
    ['paused', 'stopped'],
    ['cancelled', 'stopped'],
  ])('ends when its job is %s', async (state, outcome) => {
    const load = await begun();
    const [task] = await load.tasks(1_000, 1, never);
    source.publisher.before = async () => {
      await source.query(`UPDATE CAPTURE.snapshot_job SET state = '${state}'`);
    };
    expect((await result(await worker(), task!)).outcome).toBe(outcome);
    expect(await source.query('SELECT state FROM CAPTURE.bulk_range')).toEqual([{ state: 'open' }]);
    expect(await load.end(1, never)).toBe(false);
    expect(controls()).not.toContain('sweep');
  });

  it('R4: what was read under an epoch that has ended is not noted', async () => {
    const load = await begun();
    const [task] = await load.tasks(1_000, 1, never);
    source.publisher.before = async () => {
      await source.query(`UPDATE CAPTURE.relay_state SET epoch = 2`);
    };
    expect((await result(await worker(), task!)).outcome).toBe('changed');
    expect(await source.begin(load)).toBe(false);
    expect(load.job.mark!.epoch).toBe(2);
  });

  it('loads the rows of a condition alone, and sweeps nothing', async () => {
    const load = await begun('id % 10 = 3');
    const [task] = await load.tasks(1_000, 1, never);
    expect((await result(await worker(), task!)).rows).toBe(100);
    await load.end(1, never);
    expect(controls()).toEqual([]);
  });

  it('R5: a transaction that was open when the job began holds the floor up', async () => {
    const writer = await source.connect(source.adminUrl);
    await writer.query('START TRANSACTION');
    await writer.query(`UPDATE ${source.table} SET v = 'late' WHERE id = 1`);
    const load = await source.load();
    let floor = false;
    const beginning = source.begin(load).then(() => (floor = true));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(floor).toBe(false);
    await writer.query('COMMIT');
    await beginning;
    const [late] = await source.query<{ id: string }>(`SELECT id FROM CAPTURE.change_log WHERE op = 'u'`);
    expect(BigInt(load.job.mark!.floor)).toBeGreaterThan(BigInt(late!.id));
  });

  it('refuses a sync file that is another than the command’s', async () => {
    const load = await begun();
    const [task] = await load.tasks(1_000, 1, never);
    await expect(result(await worker(), { ...task!, config: 'another' })).rejects.toThrow(
      /sync file of the workers is another/,
    );
  });
});
