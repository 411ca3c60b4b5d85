import {
  deadLetterHeader,
  headerValues,
  type Headers,
  type HeaderValue,
  type Rejection,
} from '@tributary/contract';
import { transient } from '@tributary/kernel';
import { OversizeRecordError, type InRecord, type RecordSender } from '@tributary/transport';

/** Headers have to stay small beside a record that is itself at the limit. */
const REASON_CHARACTERS = 2000;

/** A record that can never be applied, and where it was read. */
export interface RejectedRecord {
  readonly batch: { readonly topic: string; readonly partition: number };
  readonly record: InRecord;
  readonly rejection: Rejection;
}

/** Puts rejected records on the dead-letter topic (R11). */
export class DeadLetterWriter {
  constructor(
    private readonly publisher: RecordSender,
    private readonly topic: string,
    /** The service that rejects them, for header `dlq.stage`. */
    private readonly stage: string,
  ) {}

  /**
   * Resolves when Kafka has them all: key, value and headers byte for byte as they came, in the partition they came from,
   * with the `dlq.*` headers added. Throws a SyncError `retry` when the topic has no room for one, else those of `RecordPublisher.send`.
   */
  async send(rejected: readonly RejectedRecord[]): Promise<void> {
    if (rejected.length === 0) return;
    const at = new Date().toISOString();
    try {
      await this.publisher.send(
        this.topic,
        rejected.map((one) => this.#deadLetter(one, at)),
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

  #deadLetter({ record, batch: { topic, partition }, rejection }: RejectedRecord, at: string) {
    return {
      key: record.key,
      value: record.value,
      partition,
      headers: appended(record.headers, {
        [deadLetterHeader.stage]: this.stage,
        [deadLetterHeader.code]: rejection.code,
        [deadLetterHeader.reason]: rejection.reason.slice(0, REASON_CHARACTERS),
        [deadLetterHeader.topic]: topic,
        [deadLetterHeader.partition]: String(partition),
        [deadLetterHeader.offset]: record.offset,
        [deadLetterHeader.at]: at,
        // The stages retry what may pass, so whatever they reject was tried once.
        [deadLetterHeader.attempts]: '1',
      }),
    };
  }
}

/** A record may carry headers of our names already; it keeps them, and ours stand behind. */
function appended(headers: Headers, more: Record<string, string>): Headers {
  const added = Object.entries(more).map(([name, text]): [string, HeaderValue] => {
    const held = Object.hasOwn(headers, name) ? headerValues(headers[name]) : [];
    return [name, held.length === 0 ? text : [...held, text]];
  });
  return { ...headers, ...Object.fromEntries(added) };
}
