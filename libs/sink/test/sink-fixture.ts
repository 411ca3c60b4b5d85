import { randomBytes } from 'node:crypto';
import {
  controlRecord,
  envelopeWriter,
  eventKeyWriter,
  formatVersion,
  header,
  imagesCrc,
  type ControlKind,
  type Headers,
  type RowSchema,
  type WireRow,
  type Version,
} from '@tributary/contract';
import {
  ensureTopics,
  loadsGroup,
  PipelineNotes,
  SchemaStore,
  type IdentityNote,
  type LoadDemandNote,
  type PauseNote,
} from '@tributary/topics';
import {
  groupLag,
  readTail,
  type OutRecord,
  type PlacedRecord,
  type RecordPublisher,
  type TopicAdmin,
} from '@tributary/transport';
import { createKafka, type KafkajsTransport } from '@tributary/transport-kafkajs';
import { parseSyncConfig, type SyncConfig } from '@tributary/sync-config';
import { dropRecords, stackEnv, waitFor } from '@tributary/testing';
import { startSink, type RunningSink, type SinkStores } from './running-sink';

export const version = (log: number, epoch = 1) => formatVersion(epoch, BigInt(log));

export const token = () => randomBytes(16).toString('hex');

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface Event {
  readonly id: number;
  readonly log: number;
  /** Absent: a delete. */
  readonly row?: WireRow;
  readonly damage?: boolean;
  /** By default 1. */
  readonly epoch?: number;
}

/** A pipeline of its own on the real broker: topics, schema and events, and sinks that read them. */
export class SinkFixture {
  readonly config: SyncConfig;
  readonly kafka: KafkajsTransport;
  readonly admin: TopicAdmin;
  readonly #publisher: RecordPublisher;
  readonly #schema: RowSchema;
  readonly notes: PipelineNotes;
  /** What the relay of this pipeline would say. */
  identity: IdentityNote;

  /** `settings`: members of the table's entry in the sync file; `others`: further tables of it. */
  constructor(prefix: string, schema: RowSchema, settings = '', others: readonly string[] = []) {
    this.#schema = schema;
    this.config = parseSyncConfig(
      `topics: { prefix: ${prefix}, partitions: 2 }\ntables: [{ table: ${schema.table}${settings && `, ${settings}`} }${others.map((table) => `, { table: ${table} }`).join('')}]`,
    );
    this.kafka = createKafka({ brokers: stackEnv().KAFKA_BROKERS.split(','), clientId: prefix }, quiet);
    this.admin = this.kafka.admin();
    this.#publisher = this.kafka.publisher();
    this.notes = new PipelineNotes(this.kafka, this.config.topics.notes, quiet);
    this.identity = {
      ...{
        kind: 'identity',
        pipeline: token(),
        incarnation: token(),
        epoch: 1,
        name: prefix,
        at: new Date().toISOString(),
      },
    };
  }

  /** As the relay says it before the first event of an epoch. */
  async identify(change: Partial<IdentityNote> = {}): Promise<void> {
    this.identity = { ...this.identity, ...change };
    await this.notes.put(this.#publisher, this.identity);
  }

  /** As while no relay has led. */
  async silence(): Promise<void> {
    await this.notes.remove(this.#publisher, this.identity);
  }

  /** As `tributary pause` says it, and `tributary resume`. */
  async pause(note: PauseNote): Promise<void> {
    await this.notes.put(this.#publisher, note);
  }

  async resume(note: PauseNote): Promise<void> {
    await this.notes.remove(this.#publisher, note);
  }

  /** Kafka keeps nothing of what was validated so far. */
  async forget(topic: string = this.config.topics.validated): Promise<void> {
    await dropRecords(stackEnv().KAFKA_BROKERS, topic);
  }

  async open(): Promise<void> {
    await ensureTopics(this.kafka, this.config);
    await this.#publisher.start();
    await this.schema();
    await this.identify();
  }

  async close(): Promise<void> {
    await this.notes.close();
    await this.#publisher.stop();
    await this.admin.deleteTopics(Object.values(this.config.topics));
  }

  /** Rows of a load that no relay makes, as they stand behind the validator. */
  async publishLoad(events: readonly Event[], partition = 0, schema = this.#schema): Promise<void> {
    await this.publish(events, partition, schema, this.config.topics.validatedLoads);
  }

  async publish(
    events: readonly Event[],
    partition = 0,
    schema = this.#schema,
    topic: string = this.config.topics.validated,
  ): Promise<void> {
    const isLoad = topic === this.config.topics.validatedLoads;
    const { table, fingerprint } = schema;
    const write = envelopeWriter(this.config.prefix, table, 'test');
    const keyOf = eventKeyWriter(table);
    const records = events.flatMap(({ id, log, row, damage, epoch = 1 }) => {
      const key = keyOf(
        JSON.stringify(Object.fromEntries(schema.key.map((field) => [field, row?.[field] ?? id]))),
      );
      const after = row ? JSON.stringify(row) : 'null';
      const headers: Headers = {
        [header.version]: version(log, epoch),
        [header.schema]: fingerprint,
        [header.crc]: damage ? '00000001' : imagesCrc('null', after),
      };
      const times = {
        sourceTsMs: Date.now(),
        publishedTsMs: Date.now(),
        snapshot: isLoad,
        version: version(log, epoch),
      };
      const value = write({ before: 'null', after, op: isLoad ? 'r' : row ? 'u' : 'd', ...times });
      const record = { key, value, headers, partition };
      return row ? [record] : [record, { key, value: null, headers: { v: version(log, epoch) }, partition }];
    });
    await this.#publisher.send(topic, records);
  }

  /** Records as they are, also such as nobody of the pipeline would write. */
  async raw(topic: string, records: readonly OutRecord[]): Promise<void> {
    await this.#publisher.send(topic, records);
  }

  /** Publishes a schema, by default the one of the fixture. */
  async schema(schema = this.#schema): Promise<void> {
    const store = new SchemaStore(this.kafka, this.config.topics.schemas, quiet);
    await store.publish(this.#publisher, schema);
  }

  /** A load's record of its beginning or its end, in all partitions or in some; one below 0 is malformed. */
  async control(
    kind: ControlKind,
    log: number,
    partitions = [0, 1],
    epoch = 1,
    { table, fingerprint } = this.#schema,
    topic: string = this.config.topics.validated,
  ): Promise<void> {
    const record = controlRecord({
      ...{
        kind,
        table,
        schema: fingerprint,
        floor: log < 0 ? ('-' as Version) : version(log, epoch),
        job: String(log),
        partitions: 2,
      },
    });
    const records = partitions.map((partition) => ({ ...record, partition }));
    await this.#publisher.send(topic, records);
  }

  /** The same on the topic of loads. */
  async loadControl(kind: ControlKind, log: number, partitions = [0, 1]): Promise<void> {
    await this.control(kind, log, partitions, 1, this.#schema, this.config.topics.validatedLoads);
  }

  deadLetters(): Promise<PlacedRecord[]> {
    return readTail(this.kafka, this.config.topics.deadLetters, 1000);
  }

  /** Deletes topics and makes them again. */
  async anew(...topics: string[]): Promise<void> {
    await this.admin.deleteTopics(topics);
    await waitFor(async () => {
      const left = await this.admin.topics();
      return topics.every((topic) => !left.has(topic));
    });
    await ensureTopics(this.kafka, this.config);
  }

  /** What was asked of the relay. */
  async demands(): Promise<LoadDemandNote[]> {
    const notes = new PipelineNotes(this.kafka, this.config.topics.notes, quiet);
    await notes.refresh();
    await notes.close();
    return notes.of('load');
  }

  /** Events that the group has not confirmed yet. */
  async lag(app: string): Promise<bigint> {
    return this.#lag(`${this.config.prefix}.${app}`, this.config.topics.validated);
  }

  /** Rows of loads that it has not. */
  async loadsLag(app: string): Promise<bigint> {
    return this.#lag(loadsGroup(`${this.config.prefix}.${app}`), this.config.topics.validatedLoads);
  }

  async #lag(group: string, topic: string): Promise<bigint> {
    const lag = await groupLag(this.admin, group, topic);
    return [...lag.values()].reduce((sum, one) => sum + one, 0n);
  }

  /** A sink on this pipeline's topics. */
  start(...stores: SinkStores): Promise<RunningSink> {
    return startSink(this.config, ...stores);
  }
}
