/** Sleeps; ends early, without an error, when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Doubling delay with +-20 % jitter, so that copies of a service do not knock at the same instant. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const delay = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(delay * (0.8 + Math.random() * 0.4));
}

/** Waits for `work`, at most `ms`; answers whether it settled in time. Never throws. */
export async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const settled = work.then(
    () => true,
    () => true,
  );
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const result = await Promise.race([settled, late]);
  clearTimeout(timer);
  return result;
}
