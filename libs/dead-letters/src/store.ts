import type { Resolution, TopicNames, Version } from '@tributary/contract';
import type { SchemaStore } from '@tributary/topics';
import {
  readAll,
  readTopic,
  type InRecord,
  type RecordSender,
  type Transport,
  type Watermarks,
} from '@tributary/transport';
import { deadLetterOf, resolvedBy, type DeadLetter } from './dead-letter';
import { deadLetterRows } from './dead-letter-rows';
import type { EventRow } from './event-row';
import { NewestByRow, type NewestDeadLetter } from './newest-by-row';
import { OpenDeadLetters, type StoredDeadLetter } from './open-dead-letters';
import { replayEvents, type RejectedEvent } from './replay';
import { resolveDeadLetters } from './resolutions';

/**
 * The dead letters of a pipeline. Services add to them with a `DeadLetterWriter`. All methods throw a SyncError (`retry`)
 * when Kafka cannot be asked.
 */
export class DeadLetterStore {
  readonly #newest: NewestByRow;

  constructor(
    private readonly kafka: Transport,
    private readonly topics: Pick<TopicNames, 'changes' | 'deadLetters'>,
  ) {
    this.#newest = new NewestByRow(kafka, topics.deadLetters);
  }

  /** Those that are neither replayed nor discarded now. */
  open(): Promise<OpenDeadLetters> {
    return OpenDeadLetters.read(this.kafka, this.topics.deadLetters);
  }

  /** The record of one, open or not. */
  find(id: string): Promise<InRecord | undefined> {
    return OpenDeadLetters.find(this.kafka, this.topics.deadLetters, id);
  }

  /** How many of each table are open; `undefined`: there are more than `most` records to read for that. */
  async countByTable(most: bigint): Promise<Map<string, number> | undefined> {
    const records = [...(await this.ends()).values()].reduce((sum, { low, high }) => sum + high - low, 0n);
    if (records > most) return undefined;
    const tables = new Map<string, string | null>();
    if (records > 0n)
      await readAll(this.kafka, this.topics.deadLetters, (partition, found) => {
        for (const record of found) {
          const resolved = resolvedBy(record.headers);
          if (resolved !== undefined) tables.delete(resolved);
          else tables.set(`${partition}:${record.offset}`, deadLetterOf(partition, record).table);
        }
      });
    const counts = new Map<string, number>();
    for (const table of tables.values()) if (table !== null) counts.set(table, (counts.get(table) ?? 0) + 1);
    return counts;
  }

  /** The newest of each row, resolved or not, by the row's message key. */
  newestByRow(): Promise<ReadonlyMap<string, NewestDeadLetter>> {
    return this.#newest.read();
  }

  /** See `deadLetterRows`. */
  rows(
    table: string,
    floor: Version,
    schemas: Pick<SchemaStore, 'get'>,
  ): Promise<readonly EventRow[] | undefined> {
    return deadLetterRows(this.kafka, this.topics.deadLetters, schemas, table, floor);
  }

  /** Where the topic's partitions end now. */
  ends(): Promise<Map<number, Watermarks>> {
    return this.kafka.admin().watermarks(this.topics.deadLetters);
  }

  /** What has come since the topic ended there. */
  async *since(ends: ReadonlyMap<number, Watermarks>): AsyncGenerator<StoredDeadLetter> {
    const from = new Map([...ends].map(([partition, { high }]) => [partition, high]));
    for await (const { partition, records } of readTopic(this.kafka, this.topics.deadLetters, from))
      for (const record of records)
        if (resolvedBy(record.headers) === undefined)
          yield { deadLetter: deadLetterOf(partition, record), record };
  }

  /** See `replayEvents`. */
  replay<Key>(publisher: RecordSender, events: ReadonlyMap<Key, RejectedEvent>): Promise<Set<Key>> {
    return replayEvents(publisher, this.topics, events);
  }

  /** See `resolveDeadLetters`. */
  resolve(
    publisher: RecordSender,
    deadLetters: readonly DeadLetter[],
    resolution: Resolution,
  ): Promise<void> {
    return resolveDeadLetters(publisher, this.topics.deadLetters, deadLetters, resolution);
  }
}
