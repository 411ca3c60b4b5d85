import { transient } from '@tributary/change-event';
import { OversizeRecordError, type DeadLetters, type InRecord } from '@tributary/kafka';
import type { Rejected } from '@tributary/targets';

/** Puts records on the dead-letter topic. Throws a SyncError `retry` when that topic has no room for one. */
export async function bury(letters: DeadLetters, rejected: readonly Rejected<InRecord>[]): Promise<void> {
  try {
    await letters.send(
      rejected.map(({ batch: { topic, partition }, record, rejection }) => ({
        ...{ record, topic, partition, rejection },
      })),
    );
  } catch (error) {
    if (!(error instanceof OversizeRecordError)) throw error;
    throw transient(
      'DEAD_LETTER_TOO_LARGE',
      `Topic ${error.topic} takes no dead letter of this size: raise its max.message.bytes above that of ${rejected[0]!.batch.topic}.`,
      error,
    );
  }
}
