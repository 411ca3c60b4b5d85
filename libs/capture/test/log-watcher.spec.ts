import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { installCapture, LogWatcher } from '../src';
import { flavours, openSource, type Source } from './servers';

describe.each(flavours)('log watcher on %s', (flavour) => {
  let source: Source;
  let watcher: LogWatcher;
  beforeAll(async () => {
    source = await openSource(flavour);
    await source.admin.query('CREATE TABLE t (id INT PRIMARY KEY)');
    await installCapture(source.relay, source.config('{ table: DB.t }'));
    watcher = await LogWatcher.open(source.url, source.captureSchema);
  });
  beforeEach(() => source.admin.query(`DELETE FROM ${source.captureSchema}.change_log`));
  afterAll(async () => {
    watcher.close();
    await source.close();
  });

  const elapsed = async (work: Promise<unknown>) => {
    const startedAt = performance.now();
    await work;
    return performance.now() - startedAt;
  };

  it('resolves soon after a commit, and at the latest after about a second', async () => {
    expect(await elapsed(watcher.wait())).toBeGreaterThan(800);
    const waiting = elapsed(watcher.wait());
    await sleep(100);
    await source.admin.query('INSERT INTO t VALUES (1)');
    expect(await waiting).toBeLessThan(700);
  });

  it('tells of an entry beside those that are held, and for so long as it is asked to', async () => {
    await source.admin.query('INSERT INTO t VALUES (10), (11)');
    expect(await elapsed(watcher.wait({ held: 1 }))).toBeLessThan(700);
    expect(await elapsed(watcher.wait({ held: 2 }))).toBeGreaterThan(800);
    expect(await elapsed(watcher.wait({ held: 2, seconds: 0.1 }))).toBeLessThan(700);
    const waiting = elapsed(watcher.wait({ held: 2 }));
    await sleep(100);
    await source.admin.query('INSERT INTO t VALUES (12)');
    expect(await waiting).toBeLessThan(700);
  });

  it('R2 R13: neither waits for an open transaction nor makes one wait', async () => {
    const { host, port, user, password, database } = source.admin.config;
    const late = await createConnection({ host, port, user, password, database });
    try {
      await late.beginTransaction();
      await late.query('INSERT INTO t VALUES (2)');
      const waiting = elapsed(watcher.wait());
      await source.admin.query('SET SESSION innodb_lock_wait_timeout = 1');
      await source.admin.query('INSERT INTO t VALUES (3)');
      expect(await waiting).toBeLessThan(900);
    } finally {
      await late.rollback();
      await late.end();
    }
  });
});
