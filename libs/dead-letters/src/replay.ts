import { OversizeRecordError, type OutRecord, type RecordSender } from '@tributary/transport';
import type { TopicNames } from '@tributary/contract';
import type { DeadLetter } from './dead-letter';
import { resolveDeadLetters } from './resolutions';

/** An event and its dead letters: of one that both sinks rejected there are two. */
export interface RejectedEvent {
  readonly event: OutRecord;
  readonly deadLetters: DeadLetter[];
}

/**
 * Sends events through the pipeline again and resolves their dead letters, but for those that the topic has no room for:
 * their keys are the answer. Resolved only after Kafka has them: a crash in between replays once more, which versions allow.
 */
export async function replayEvents<Key>(
  publisher: RecordSender,
  topics: Pick<TopicNames, 'changes' | 'deadLetters'>,
  events: ReadonlyMap<Key, RejectedEvent>,
): Promise<Set<Key>> {
  const oversize = await send(publisher, topics.changes, events);
  const replayed = [...events].flatMap(([key, { deadLetters }]) => (oversize.has(key) ? [] : deadLetters));
  await resolveDeadLetters(publisher, topics.deadLetters, replayed, 'replayed');
  return oversize;
}

async function send<Key>(
  publisher: RecordSender,
  topic: string,
  events: ReadonlyMap<Key, RejectedEvent>,
): Promise<Set<Key>> {
  try {
    await publisher.send(
      topic,
      [...events.values()].map(({ event }) => event),
    );
    return new Set();
  } catch (error) {
    if (!(error instanceof OversizeRecordError)) throw error;
    const keys = [...events.keys()];
    return new Set(error.indexes.map((index) => keys[index]!));
  }
}
