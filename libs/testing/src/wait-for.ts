import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** How long to try, milliseconds; default 10,000. */
  readonly timeoutMs?: number;
  /** Pause between two tries, milliseconds; default 50, and up to half a second where the last try took as long. */
  readonly everyMs?: number;
}

/** A look that waits for something itself is followed by the next one soon. */
const LONGEST_REST_MS = 500;

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/**
 * Calls `fn` until it gives something truthy, and resolves with that. On a busy machine looks that follow each
 * other hold up what they look for: each is followed by a rest as long as itself. A throw counts as "not yet"; the last one is the
 * cause of the error when time runs out.
 */
export async function waitFor<T>(
  fn: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 50 }: WaitOptions = {},
): Promise<Truthy<T>> {
  let cause: unknown;
  for (const end = Date.now() + timeoutMs; ;) {
    const begun = Date.now();
    try {
      const value = await fn();
      if (value) return value as Truthy<T>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= end) {
      const last = cause instanceof Error ? ` The last try failed: ${cause.message}` : '';
      throw new Error(`The awaited condition did not come true within ${timeoutMs} ms.${last}`, { cause });
    }
    await sleep(Math.max(everyMs, Math.min(Date.now() - begun, LONGEST_REST_MS)));
  }
}
