import { fatal } from '@tributary/change-event';
import { BATCH_RECORDS, DeadLetterStore, type StoredDeadLetter } from '@tributary/dead-letters';
import { Publisher } from '@tributary/kafka';
import { Progress } from '../output/progress';
import type { Context } from './options';

/** Hands over the chosen open dead letters in batches. Throws when one that was named is not open. */
export async function inPortions(
  { servers, options, args }: Context,
  work: (batch: readonly StoredDeadLetter[]) => Promise<void>,
): Promise<void> {
  const open = await new DeadLetterStore(servers.kafka, servers.config.topics).open();
  const ids = args[0] as readonly string[] | undefined;
  const missing = ids?.find((id) => !open.has(id));
  if (missing !== undefined)
    throw fatal(
      'DLQ',
      `There is no open letter ${missing}: it was replayed or discarded already, or never was; see tributary dlq list.`,
    );
  const progress = new Progress('letters');
  let done = 0;
  try {
    const chosen = ids && ids.length > 0 ? new Set(ids) : undefined;
    for await (const batch of open.batches(options, chosen, options.limit)) {
      await work(batch);
      // One batch is over before a person has read a line about it.
      if ((done += batch.length) >= BATCH_RECORDS) progress.update('letters', done, open.count);
    }
    progress.finish('letters');
  } finally {
    progress.stop();
  }
}

export async function withPublisher<T>(
  { servers, log, out }: Context,
  work: (publisher: Publisher) => Promise<T>,
): Promise<T> {
  const publisher = new Publisher(servers.kafka, log, {
    onTrouble: ({ message }) => out.note(`Waiting: ${message}`),
  });
  try {
    await publisher.start();
    return await work(publisher);
  } finally {
    await publisher.stop();
  }
}
