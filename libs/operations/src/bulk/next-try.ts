import { backoffMs, pause, type SyncError } from '@tributary/kernel';

const FIRST_MS = 1_000;

/** Waits before the next try, longer each time up to `mostMs`, and says why. Throws the signal's reason when that aborts. */
export async function nextTry(
  { message }: SyncError,
  attempt: number,
  { note, mostMs, signal }: { note: (sentence: string) => void; mostMs: number; signal: AbortSignal },
): Promise<void> {
  const wait = backoffMs(attempt, FIRST_MS, mostMs);
  note(`Trying again in ${Math.round(wait / 1000)} s: ${message}`);
  await pause(wait, signal);
  signal.throwIfAborted();
}
