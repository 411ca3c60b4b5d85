import { resolutionHeader, type Resolution } from '@tributary/contract';
import type { RecordSender } from '@tributary/transport';
import type { DeadLetter } from './dead-letter';

/**
 * Notes that dead letters are done: each by a record behind it on its partition. That lasts at least as long as the dead
 * letter, needs no place of its own, and two operators at work at once do no harm: versions guard replays.
 */
export async function resolveDeadLetters(
  publisher: RecordSender,
  topic: string,
  deadLetters: readonly DeadLetter[],
  resolution: Resolution,
): Promise<void> {
  const at = new Date().toISOString();
  await publisher.send(
    topic,
    deadLetters.map(({ id, partition, key }) => ({
      key,
      value: null,
      partition,
      headers: {
        [resolutionHeader.resolution]: resolution,
        [resolutionHeader.deadLetter]: id,
        [resolutionHeader.at]: at,
      },
    })),
  );
}
