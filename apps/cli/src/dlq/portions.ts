import { fatal } from '@tributary/change-event';
import { Publisher } from '@tributary/kafka';
import { Progress } from '../output/progress';
import { placeOf } from './letter';
import { OpenLetters, type StoredLetter } from './open-letters';
import type { Context } from './options';

/** Bounds of what is replayed at a time (R13). */
const PORTION_LETTERS = 5_000;
const PORTION_BYTES = 32 << 20;

/** Hands over the chosen open letters in portions of bounded size. Throws when a letter that was named is not open. */
export async function inPortions(
  { servers, options, args }: Context,
  work: (portion: StoredLetter[]) => Promise<void>,
): Promise<void> {
  const open = await OpenLetters.read(servers.kafka, servers.config.topics.deadLetters);
  const ids = args[0] as readonly string[] | undefined;
  const missing = ids?.find((id) => !open.has(...placeOf(id)));
  if (missing !== undefined)
    throw fatal(
      'DLQ',
      `There is no open letter ${missing}: it was replayed or discarded already, or never was; see tributary dlq list.`,
    );
  const progress = new Progress('letters');
  let [done, bytes] = [0, 0];
  let portion: StoredLetter[] = [];
  const finishPortion = async () => {
    await work(portion);
    // One portion is over before a person has read a line about it.
    if ((done += portion.length) >= PORTION_LETTERS) progress.update('letters', done, open.count);
    [portion, bytes] = [[], 0];
  };
  try {
    for await (const stored of open.letters(options, ids && ids.length > 0 ? new Set(ids) : undefined)) {
      for (const one of stored.slice(0, options.limit - done - portion.length)) {
        portion.push(one);
        bytes += one.record.value?.length ?? 0;
        if (portion.length >= PORTION_LETTERS || bytes >= PORTION_BYTES) await finishPortion();
      }
      if (done + portion.length >= options.limit) break;
    }
    if (portion.length > 0) await finishPortion();
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
