import { deadLetterHeader, header, headerText, parseVersion, type Version } from '@tributary/change-event';
import { readAll, TopicAdmin, type Kafka } from '@tributary/kafka';

/** The newest dead letter of a row. */
export interface DeadLetter {
  /** `<partition>:<offset>` on the dead-letter topic. */
  readonly id: string;
  readonly version: Version;
  readonly code: string;
  readonly reason: string;
}

/** Rows whose letters are kept; beyond it the oldest are forgotten, since a remark is all they serve for (R13). */
const MOST = 100_000;

/** What rests in the dead letters, by the message key of its row; read again only when the topic has grown. */
export class DeadLetters {
  #letters: ReadonlyMap<string, DeadLetter> = new Map();
  #readTo = '';
  #reading: Promise<ReadonlyMap<string, DeadLetter>> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
  ) {}

  /** Throws a SyncError when Kafka cannot be read. Those who ask meanwhile get the answer of the same reading. */
  newest(): Promise<ReadonlyMap<string, DeadLetter>> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(): Promise<ReadonlyMap<string, DeadLetter>> {
    const admin = new TopicAdmin(this.kafka);
    // Before the first service has started there is no topic, hence no letter.
    if (!(await admin.topics()).has(this.topic)) return this.#letters;
    const ends = [...(await admin.watermarks(this.topic))].map(
      ([partition, { high }]) => `${partition}:${high}`,
    );
    if (ends.join() === this.#readTo) return this.#letters;
    const letters = new Map<string, DeadLetter>();
    await readAll(this.kafka, this.topic, (partition, records) => {
      for (const { key, offset, headers } of records) {
        const version = parseVersion(headerText(headers, header.version));
        // A mark that a letter is resolved has no version; the letter itself is then outranked, or known to be given up.
        if (!key || !version) continue;
        const id = `${partition}:${offset}`;
        const text = (name: string) => headerText(headers, name) ?? '-';
        note(letters, key.toString('utf8'), {
          ...{ id, version, code: text(deadLetterHeader.code), reason: text(deadLetterHeader.reason) },
        });
      }
    });
    [this.#letters, this.#readTo] = [letters, ends.join()];
    return letters;
  }
}

function note(letters: Map<string, DeadLetter>, key: string, letter: DeadLetter): void {
  const known = letters.get(key);
  if (known && known.version > letter.version) return;
  letters.delete(key);
  letters.set(key, letter);
  if (letters.size > MOST) letters.delete(letters.keys().next().value!);
}
