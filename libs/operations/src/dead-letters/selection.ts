import { fatal } from '@tributary/kernel';
import {
  BATCH_RECORDS,
  DeadLetterStore,
  type DeadLetterFilter,
  type StoredDeadLetter,
} from '@tributary/dead-letters';
import type { OperationContext } from '../context';

/** Which open dead letters are worked on, and who is told how far that is. */
export interface DeadLetterSelection {
  readonly filter: DeadLetterFilter;
  /** These only, by `<partition>:<offset>`; none named: all. */
  readonly ids?: readonly string[] | undefined;
  readonly limit: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Hands over the chosen open dead letters in batches. Throws a fatal SyncError when one that was named is not open. */
export async function inBatches(
  { servers, signal }: OperationContext,
  { filter, ids, limit, onProgress }: DeadLetterSelection,
  work: (batch: readonly StoredDeadLetter[]) => Promise<void>,
): Promise<void> {
  const open = await new DeadLetterStore(servers.kafka, servers.config.topics).open();
  const missing = ids?.find((id) => !open.has(id));
  if (missing !== undefined)
    throw fatal(
      'DLQ',
      `There is no open dead letter ${missing}: it was replayed or discarded already, or never was; see tributary dlq list.`,
    );
  let done = 0;
  const chosen = ids && ids.length > 0 ? new Set(ids) : undefined;
  for await (const batch of open.batches(filter, chosen, limit)) {
    signal?.throwIfAborted();
    await work(batch);
    // One batch is over before a person has read a line about it.
    if ((done += batch.length) >= BATCH_RECORDS) onProgress?.(done, open.count);
  }
}
