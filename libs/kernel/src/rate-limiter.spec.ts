import { RateLimiter } from './rate-limiter';

/** Milliseconds that the work takes. */
async function took(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

const idle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('RateLimiter', () => {
  it('keeps the rate', async () => {
    const rate = new RateLimiter(1_000);
    const ms = await took(async () => {
      for (let done = 0; done < 100; done += 10) await rate.did(10);
    });
    expect(ms).toBeGreaterThanOrEqual(90);
  });

  it('does not make up for time without work, or only as much as it may', async () => {
    const strict = new RateLimiter(1_000);
    const lenient = new RateLimiter(1_000, { makeUpMs: 60 });
    await idle(150);
    expect(await took(() => strict.did(100))).toBeGreaterThanOrEqual(95);
    await idle(150);
    expect(await took(() => lenient.did(50))).toBeLessThan(20);
    expect(await took(() => lenient.did(100))).toBeGreaterThanOrEqual(60);
  });

  it('never waits without a rate', async () => {
    expect(await took(() => new RateLimiter(Infinity, { shortestMs: 0 }).did(1e9))).toBeLessThan(20);
  });

  it('ends a wait when the signal aborts', async () => {
    const signal = AbortSignal.timeout(20);
    expect(await took(() => new RateLimiter(1, { signal }).did(60))).toBeLessThan(1_000);
  });
});
