/** A wait is told of after so long, and again as often, milliseconds. */
const TELL_MS = 4_000;

/**
 * Awaits `work`. While that takes longer than some seconds, `tell` is called again and again with how many seconds it
 * has taken, one call at a time; what it throws is lost, since a wait must not fail for want of words.
 */
export async function slowWait<T>(
  work: Promise<T>,
  tell: (seconds: number) => unknown,
  everyMs = TELL_MS,
): Promise<T> {
  const since = performance.now();
  let telling = false;
  const timer = setInterval(() => {
    if (telling) return;
    telling = true;
    void Promise.resolve()
      .then(() => tell(Math.round((performance.now() - since) / 1000)))
      .catch(() => undefined)
      .finally(() => (telling = false));
  }, everyMs);
  timer.unref();
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
