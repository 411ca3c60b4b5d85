import { setTimeout as sleep } from 'node:timers/promises';
import { LatencyWatch, summarize } from './latency';
import type { Target } from './targets';

const targetOf = (usersPresent: Target['usersPresent']): Target => ({
  name: 'Redis',
  usersPresent,
  counts: async () => ({ users: 0, repositories: 0 }),
  close: async () => undefined,
});

describe('latency', () => {
  it('takes median and p99 by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(summarize(hundred)).toEqual({ samples: 100, medianMs: 50, p99Ms: 99, maxMs: 100 });
    expect(summarize([7])).toEqual({ samples: 1, medianMs: 7, p99Ms: 7, maxMs: 7 });
    expect(summarize([]).medianMs).toBeNaN();
  });

  it('times each change from its commit until the target shows it', async () => {
    const visibleAt = new Map<string, number>();
    const watch = new LatencyWatch([
      targetOf(async (ids) => ids.filter((id) => (visibleAt.get(id) ?? Infinity) <= performance.now())),
    ]);
    for (const [userId, after] of [
      ['1', 30],
      ['2', 90],
    ] as const) {
      visibleAt.set(userId, performance.now() + after);
      watch.add({ userId, committedAt: performance.now() });
    }
    await watch.settled();
    const { samples, medianMs, maxMs } = watch.results().Redis;
    expect(samples).toBe(2);
    expect(medianMs).toBeGreaterThanOrEqual(30);
    expect(medianMs).toBeLessThan(90);
    expect(maxMs).toBeGreaterThanOrEqual(90);
  });

  it('says what did not arrive, and passes on what a target answers', async () => {
    const late = new LatencyWatch([targetOf(async () => [])]);
    late.add({ userId: '1', committedAt: performance.now() });
    await expect(late.settled(20)).rejects.toThrow('1 marked changes did not reach Redis within 0.02 s.');
    late.stop();
    const broken = new LatencyWatch([targetOf(() => Promise.reject(new Error('connection lost')))]);
    broken.add({ userId: '1', committedAt: performance.now() });
    await sleep(5);
    await expect(broken.settled()).rejects.toThrow('connection lost');
    broken.stop();
  });
});
