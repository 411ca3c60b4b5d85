import { eventVersion, type DeadLetterStore } from '@tributary/dead-letters';
import type { OpenDeadLetter } from './verdict';

/** Of these many the newest are kept. */
const MOST = 100;

/** The row's dead letters that are neither replayed nor discarded, newest first; `key`: its message key. */
export async function openDeadLettersOf(
  store: DeadLetterStore,
  key: Buffer,
  signal: AbortSignal | undefined,
): Promise<OpenDeadLetter[]> {
  const found: OpenDeadLetter[] = [];
  for await (const piece of (await store.open()).pieces({})) {
    signal?.throwIfAborted();
    for (const { record, deadLetter } of piece) {
      if (!record.key?.equals(key)) continue;
      const { id, code, reason, stage } = deadLetter;
      found.push({ id, code, reason, stage, version: eventVersion(record.headers) ?? null });
      if (found.length > MOST) found.shift();
    }
  }
  return found.reverse();
}
