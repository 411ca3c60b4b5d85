import { deadLetterHeader, headerText, type Headers } from '@tributary/change-event';
import type { Publisher } from '@tributary/kafka';
import type { Letter } from './letter';

/**
 * A letter that was replayed or discarded is marked by a record behind it on its partition, without value and with
 * these headers. It lasts at least as long as the letter, needs no place of its own, and two operators at work at
 * once do no harm: replays are guarded by versions.
 */
const markHeader = { resolution: 'dlq.resolution', letter: 'dlq.letter', at: 'dlq.at' } as const;
export type Resolution = 'replayed' | 'discarded';

/** The id of the letter that a record of the topic marks as done; `undefined` for a letter, whatever headers it brought. */
export const resolvedBy = (headers: Headers): string | undefined =>
  Object.hasOwn(headers, deadLetterHeader.stage) ? undefined : headerText(headers, markHeader.letter);

export async function markLetters(
  publisher: Publisher,
  topic: string,
  letters: readonly Letter[],
  resolution: Resolution,
): Promise<void> {
  const at = new Date().toISOString();
  await publisher.send(
    topic,
    letters.map(({ id, partition, key }) => ({
      key,
      value: null,
      partition,
      headers: { [markHeader.resolution]: resolution, [markHeader.letter]: id, [markHeader.at]: at },
    })),
  );
}
