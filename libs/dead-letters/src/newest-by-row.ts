import type { Version } from '@tributary/contract';
import { readAll, type Transport } from '@tributary/transport';
import { deadLetterOf, resolvedBy, type DeadLetter } from './dead-letter';
import { eventVersion } from './event-row';

/** The newest dead letter of a row. */
export interface NewestDeadLetter extends Pick<DeadLetter, 'id' | 'code' | 'reason'> {
  readonly version: Version;
}

/** Rows whose dead letters are kept; beyond it the oldest are forgotten, since a remark is all they serve for (R13). */
const MOST = 100_000;

/** The newest dead letter of each row, by the row's message key; read again only when the topic has grown. */
export class NewestByRow {
  #newest: ReadonlyMap<string, NewestDeadLetter> = new Map();
  #readTo = '';
  #reading: Promise<ReadonlyMap<string, NewestDeadLetter>> | undefined;

  constructor(
    private readonly kafka: Transport,
    private readonly topic: string,
  ) {}

  /** Throws a SyncError when Kafka cannot be read. Those who ask meanwhile get the answer of the same reading. */
  read(): Promise<ReadonlyMap<string, NewestDeadLetter>> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async #read(): Promise<ReadonlyMap<string, NewestDeadLetter>> {
    const admin = this.kafka.admin();
    // Before the first service has started there is no topic, hence no dead letter.
    if (!(await admin.topics()).has(this.topic)) return this.#newest;
    const ends = [...(await admin.watermarks(this.topic))].map(
      ([partition, { high }]) => `${partition}:${high}`,
    );
    if (ends.join() === this.#readTo) return this.#newest;
    const newest = new Map<string, NewestDeadLetter>();
    await readAll(this.kafka, this.topic, (partition, records) => {
      for (const record of records) {
        // A resolved dead letter stays: it is then outranked, or known to be given up.
        if (record.key === null || resolvedBy(record.headers) !== undefined) continue;
        const version = eventVersion(record.headers);
        if (version === undefined) continue;
        const { id, code, reason } = deadLetterOf(partition, record);
        note(newest, record.key.toString('utf8'), { id, code, reason, version });
      }
    });
    [this.#newest, this.#readTo] = [newest, ends.join()];
    return newest;
  }
}

function note(newest: Map<string, NewestDeadLetter>, key: string, deadLetter: NewestDeadLetter): void {
  const known = newest.get(key);
  if (known && known.version > deadLetter.version) return;
  newest.delete(key);
  newest.set(key, deadLetter);
  if (newest.size > MOST) newest.delete(newest.keys().next().value!);
}
