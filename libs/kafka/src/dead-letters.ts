import {
  deadLetterHeader,
  headerValues,
  type Headers,
  type HeaderValue,
  type Rejection,
} from '@tributary/change-event';
import type { Publisher } from './publisher';
import type { InRecord } from './records';

/** Headers have to stay small beside a record that is itself at the limit. */
const REASON_CHARACTERS = 2000;

export interface DeadLetter {
  readonly record: InRecord;
  /** Where the record was read. */
  readonly topic: string;
  readonly partition: number;
  readonly rejection: Rejection;
  /** How often it was tried, by default once. */
  readonly attempts?: number;
}

/** Puts records that can never be applied on the dead-letter topic (R11). */
export class DeadLetters {
  constructor(
    private readonly publisher: Publisher,
    private readonly topic: string,
    /** The service that gives up on them, for header `dlq.stage`. */
    private readonly stage: string,
  ) {}

  /**
   * Resolves when Kafka has them all: key, value and headers byte for byte as they came, in the partition they
   * came from, with the `dlq.*` headers added. Errors are those of `Publisher.send`.
   */
  async send(letters: readonly DeadLetter[]): Promise<void> {
    const at = new Date().toISOString();
    await this.publisher.send(
      this.topic,
      letters.map(({ record, topic, partition, rejection, attempts = 1 }) => ({
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
          [deadLetterHeader.attempts]: String(attempts),
        }),
      })),
    );
  }
}

const ownNames = new Set<string>(Object.values(deadLetterHeader));

/** The headers that a dead letter had before it died: without the last of each `dlq.*` name, which is ours. */
export function originalHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]): [string, HeaderValue][] => {
      const values = ownNames.has(name) ? headerValues(value).slice(0, -1) : headerValues(value);
      return values.length === 0 ? [] : [[name, values.length === 1 ? values[0] : values]];
    }),
  );
}

/** A record may carry headers of our names already; it keeps them, and ours stand behind. */
function appended(headers: Headers, more: Record<string, string>): Headers {
  const added = Object.entries(more).map(([name, text]): [string, HeaderValue] => {
    const held = Object.hasOwn(headers, name) ? headerValues(headers[name]) : [];
    return [name, held.length === 0 ? text : [...held, text]];
  });
  return { ...headers, ...Object.fromEntries(added) };
}
