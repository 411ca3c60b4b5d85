import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './file-lock';
import { identify } from './process-id';

describe('withLock', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-lock-'));
  const lock = join(folder, 'lock');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('lets one caller in at a time, also after one that failed', async () => {
    let inside = 0;
    let most = 0;
    const work = (fails: boolean) => async () => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
      if (fails) throw new Error('work failed');
    };
    const results = await Promise.allSettled(
      [true, false, true, false].map((fails) => withLock(lock, work(fails))),
    );
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(most).toBe(1);
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over from a holder that died, and waits for one that lives', async () => {
    writeFileSync(lock, JSON.stringify({ pid: process.pid, startedAt: '1' }));
    expect(await withLock(lock, () => Promise.resolve('mine'))).toBe('mine');

    writeFileSync(lock, JSON.stringify(identify(process.pid)));
    const told: number[] = [];
    const waiting = withLock(
      lock,
      () => Promise.resolve('later'),
      (pid) => told.push(pid),
    );
    await sleep(150);
    expect(told).toEqual([process.pid]);
    rmSync(lock);
    expect(await waiting).toBe('later');
  });
});
