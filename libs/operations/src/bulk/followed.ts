import { pause } from '@tributary/kernel';

const EVERY_MS = 1_000;

/** Awaits `work` and looks, about every second meanwhile, how far it is. A look that fails is no matter: the next one tells. */
export async function followed<T>(work: Promise<T>, look: () => Promise<void>): Promise<T> {
  const ended = new AbortController();
  const looking = (async () => {
    while (!ended.signal.aborted) {
      await look().catch(() => undefined);
      await pause(EVERY_MS, ended.signal);
    }
  })();
  try {
    return await work;
  } finally {
    ended.abort();
    await looking;
  }
}
