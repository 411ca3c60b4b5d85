import { describeTables, openMysql, type TablePlan } from '@tributary/capture';
import { SnapshotJob } from '@tributary/capture-store';
import { parseSyncConfig } from '@tributary/sync-config';
import { waitFor } from '@tributary/testing';
import { SnapshotJobs } from '../src';
import { MemoryRelay } from './memory-relay';
import { openSource, usualFlavours, type Source } from './source';

jest.setTimeout(120_000);

const ROWS = 12_000;

describe.each(usualFlavours)('snapshot runner on %s', (flavour) => {
  let source: Source;
  let jobs: SnapshotJobs;
  let plans: Map<string, TablePlan>;
  let tables: string[];
  let relay: MemoryRelay;
  const start = async (table: string) => (await jobs.startAll([table]))[0]!;

  beforeAll(async () => {
    source = await openSource(flavour);
    tables = ['a', 'b', 'c', 'd'].map((name) => `${source.database}.${name}`);
    for (const table of tables) {
      await source.admin.query(
        `CREATE TABLE ${table} (k BIGINT UNSIGNED, t DATETIME(6), v VARCHAR(99), PRIMARY KEY (k, t))`,
      );
      const rows = Array.from({ length: ROWS }, (_, at) => [
        String(2n ** 64n - 1n - BigInt(at >> 1)),
        `2026-01-01 00:00:00.${String(at).padStart(6, '0')}`,
        'x'.repeat(50),
      ]);
      await source.admin.query(`INSERT INTO ${table} VALUES ?`, [rows]);
    }
    const config = parseSyncConfig(`tables: [{table: ${source.database}.*}]`);
    plans = new Map((await describeTables(source.relay, config)).map((plan) => [plan.schema.table, plan]));
    jobs = new SnapshotJobs(source.data.getRepository(SnapshotJob));
  });
  afterAll(() => source.close());
  beforeEach(async () => {
    await source.relay.query(`DELETE FROM ${source.captureSchema}.snapshot_job`);
    relay = new MemoryRelay(source, jobs, plans);
  });
  afterEach(() => relay.stop());

  const stateOf = async (id: string) => (await jobs.list()).find((job) => job.id === id)!;
  const until = (what: () => Promise<boolean> | boolean) => waitFor(what, { timeoutMs: 60_000, everyMs: 5 });
  const allDone = async () => (await jobs.list()).every(({ state }) => state === 'done');

  it('steers its chunks to the time that the sync file says', async () => {
    relay.chunkMs = 1;
    await start(tables[0]!);
    relay.start();
    await until(allDone);
    expect(relay.keysOf(tables[0]!)).toHaveLength(ROWS);
    // 2,000 rows at first, then half of the chunk before, down to 100; by the default there would be a dozen.
    expect(relay.sizes.length).toBeGreaterThan(40);
  });

  it('R5: loads several tables at once, each row exactly once, under a floor above the job’s marker', async () => {
    await jobs.startAll(tables);
    // Nothing is published before three have begun: one after another they would wait for ever.
    const begun = () => relay.told.filter((what) => what.startsWith('began')).length;
    relay.gate = async () => void (await until(() => begun() >= 3));
    relay.start();
    await until(allDone);
    const order = relay.published.map(({ table }) => table);
    // The second table was begun long before the first one was finished; the fourth waited for its turn.
    expect(order.indexOf(tables[1]!)).toBeLessThan(order.lastIndexOf(tables[0]!));
    expect(order.indexOf(tables[3]!)).toBeGreaterThan(order.indexOf(tables[2]!));
    for (const table of tables) {
      expect(new Set(relay.keysOf(table)).size).toBe(ROWS);
      expect(relay.keysOf(table)).toHaveLength(ROWS);
    }
    for (const { rowsDone, rowsTotal, rowsPerSecond, totalIsExact } of await jobs.list()) {
      expect([rowsDone, rowsTotal, totalIsExact]).toEqual([ROWS, ROWS, true]);
      expect(rowsPerSecond).toBeGreaterThan(0);
    }
    const markers: { name: string; marker: string }[] = await source.data.query(
      `SELECT table_name AS name, CAST(marker_id AS CHAR) AS marker FROM snapshot_job`,
    );
    const above = new Map(markers.map(({ name, marker }) => [name, BigInt(marker)]));
    expect(relay.published.every(({ table, floor }) => floor >= above.get(table)!)).toBe(true);
  });

  it('R5 R9: begins anew when the table is altered meanwhile, and sweeps only after a whole pass', async () => {
    const table = tables[3]!;
    const before = plans.get(table)!;
    const { id } = await start(table);
    let slices = 0;
    let altered = false;
    relay.gate = async () => {
      if (++slices !== 5) return;
      await source.admin.query(`ALTER TABLE ${table} MODIFY v VARCHAR(120)`);
      const config = parseSyncConfig(`tables: [{table: ${table}}]`);
      plans.set(table, (await describeTables(source.relay, config))[0]!);
      altered = true;
      relay.published.length = 0;
    };
    // As the relay does: what was read under the old shape is not published any more.
    let old = 0;
    relay.fits = () => !altered || ++old > 1;
    relay.start();
    await until(async () => (await stateOf(id)).state === 'done');
    expect(plans.get(table)!.schema.fingerprint).not.toBe(before.schema.fingerprint);
    expect(new Set(relay.keysOf(table)).size).toBe(ROWS);
    expect((await stateOf(id)).rowsDone).toBe(ROWS);
    const [first, second, ended] = relay.told;
    expect(relay.told).toEqual([
      expect.stringContaining('began'),
      expect.stringContaining('began'),
      expect.stringContaining('ended'),
    ]);
    expect(ended!.split(' ')[1]).toBe(second!.split(' ')[1]);
    expect(first).not.toBe(second);
  });

  it('pauses at a chunk’s end, goes on there when resumed, and stops when cancelled', async () => {
    const { id } = await start(tables[0]!);
    relay.gate = async () => {
      if (relay.published.length === 0) return;
      // Between two publications the operator speaks.
      relay.gate = () => Promise.resolve();
      await jobs.control('pause', [id]);
      await new Promise((resolve) => setTimeout(resolve, 600));
    };
    relay.start();
    await until(async () => (await stateOf(id)).state === 'paused');
    // The chunk that was under way is published and noted, and then no other.
    let paused = 0;
    await until(async () => {
      paused = relay.published.length;
      await new Promise((resolve) => setTimeout(resolve, 700));
      return relay.published.length === paused && (await stateOf(id)).rowsDone === paused;
    });
    expect(paused).toBeLessThan(ROWS);
    await jobs.control('resume', [id]);
    await until(async () => (await stateOf(id)).state === 'done');
    expect(new Set(relay.keysOf(tables[0]!)).size).toBe(ROWS);
    expect(relay.published).toHaveLength(ROWS);
    const cancelled = await start(tables[1]!);
    await jobs.control('cancel', [cancelled.id]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(relay.keysOf(tables[1]!)).toEqual([]);
  });

  it('lets a load of higher priority go first, and goes on with the other one where it was', async () => {
    const low = await start(tables[0]!);
    let high: string | undefined;
    relay.gate = async () => {
      if (relay.published.length < 2_000 || high) return;
      high = (await jobs.startAll([tables[1]!], null, 10))[0]!.id;
      await new Promise((resolve) => setTimeout(resolve, 600));
    };
    relay.start();
    await until(async () => (await stateOf(low.id)).state === 'done');
    expect((await stateOf(high!)).state).toBe('done');
    const order = relay.published.map(({ table }) => table);
    expect(order.lastIndexOf(tables[1]!)).toBeLessThan(order.lastIndexOf(tables[0]!));
    expect(relay.published).toHaveLength(2 * ROWS);
  });

  it('R5: goes on at the last noted chunk under the next leader, and fails a bad job alone', async () => {
    const { id } = await start(tables[0]!);
    relay.start();
    await until(async () => (await stateOf(id)).rowsDone > 0);
    await relay.stop();
    const before = (await stateOf(id)).rowsDone;
    // What the server takes today it may refuse tomorrow.
    const [bad] = await jobs.startAll([tables[1]!], 'k > 0');
    const whereSql = '(SELECT 1 UNION SELECT 2) = 1';
    await source.data.getRepository(SnapshotJob).update({ id: bad!.id }, { whereSql });
    const next = (relay = new MemoryRelay(source, jobs, plans)).start();
    await until(async () => (await stateOf(id)).state === 'done');
    expect(next.published).toHaveLength(ROWS - before);
    expect((await stateOf(id)).rowsDone).toBe(ROWS);
    await until(async () => (await stateOf(bad!.id)).state === 'failed');
    expect((await stateOf(bad!.id)).error).toMatch(/more than 1 row/);
  });

  it('R5: a reload of a table that the relay has just come to know is not lost with a load that it did not know', async () => {
    const table = tables[0]!;
    const known = plans.get(table)!;
    plans.delete(table);
    const early = await start(table);
    let reloaded: Promise<void> | undefined;
    jest.spyOn(plans, 'get').mockImplementationOnce(() => {
      plans.set(table, known);
      reloaded = jobs.reload(table);
      return undefined;
    });
    const { fail } = jobs;
    jest.spyOn(jobs, 'fail').mockImplementationOnce(async (...args) => {
      await reloaded;
      return fail.apply(jobs, args);
    });
    relay.start();
    await until(async () => (await stateOf(early.id)).state === 'failed');
    await until(async () => (await jobs.list()).at(-1)!.state === 'done');
    expect(relay.keysOf(table)).toHaveLength(ROWS);
  });

  it('R13: a load that waits says in the log and in its job for what: somebody’s transaction, then a slow stage', async () => {
    const blocker = await openMysql(source.adminUrl);
    const [[{ thread }]] = (await blocker.query('SELECT CONNECTION_ID() AS thread')) as unknown as [
      [{ thread: number }],
    ];
    await blocker.query('BEGIN');
    await blocker.query(`UPDATE ${tables[2]!} SET v = 'held' LIMIT 1`);
    try {
      relay.lag.behind = true;
      const { id } = await start(tables[0]!);
      relay.start();
      const names = new RegExp(`thread ${thread} of \\S+@\\S+, open for \\d+ s, idle for \\d+ s`);
      await until(async () => names.test((await stateOf(id)).waitsFor ?? ''));
      const { waitsFor, waitsSince } = await stateOf(id);
      expect(waitsFor).toContain(`KILL ${thread}`);
      expect(Date.now() - Date.parse(waitsSince!)).toBeLessThan(60_000);
      await until(() => relay.warnings.some((line) => line.includes('snapshot-waits')));
      expect(relay.published).toEqual([]);
      await blocker.query('ROLLBACK');
      await until(async () => (await stateOf(id)).waitsFor === relay.lag.slowest);
      relay.lag.behind = false;
      await until(allDone);
      expect((await stateOf(id)).waitsFor).toBeNull();
    } finally {
      await blocker.query('ROLLBACK');
      blocker.destroy();
    }
  });

  it('R13: a load whose SELECT waits for its table says who holds that', async () => {
    const table = tables[1]!;
    const { id } = await start(table);
    await source.admin.query(`LOCK TABLES ${table} WRITE`);
    try {
      relay.start();
      await until(async () => /thread \d+: Waiting for/.test((await stateOf(id)).waitsFor ?? ''));
    } finally {
      await source.admin.query('UNLOCK TABLES');
    }
    await until(allDone);
  });

  it('rests while what reads the topics is behind', async () => {
    relay.lag.behind = true;
    const { id } = await start(tables[0]!);
    relay.start();
    await until(async () => (await stateOf(id)).state === 'running');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(relay.published).toEqual([]);
    relay.lag.behind = false;
    await until(allDone);
    expect(relay.published).toHaveLength(ROWS);
  });
});
