import {
  header,
  headerText,
  parseVersion,
  versionParts,
  type RowSchema,
  type Version,
} from '@tributary/contract';
import type { RejectedRecord } from '@tributary/dead-letters';
import type { NoteOf, PipelineNote } from '@tributary/topics';
import {
  byteLength,
  OversizeRecordError,
  type InRecord,
  type OutRecord,
  type RecordSender,
} from '@tributary/transport';
import type { SyncConfig } from '@tributary/sync-config';
import type { BrokerView, DeadLetterSender, PublishedSchemas, SharedNotes } from '../src/ports';

export interface Published extends InRecord {
  readonly topic: string;
  readonly partition: number;
}

/** A record of the topic of changes as a test looks at it. */
export interface PublishedEvent {
  readonly table: string;
  readonly id: number;
  readonly op: string;
  readonly after: Record<string, unknown> | null;
  readonly before: Record<string, unknown> | null;
  readonly version: Version;
  readonly schema: string;
}

type Hook = (records: readonly OutRecord[], topic: string) => Promise<void> | undefined;

/**
 * What a relay needs of Kafka, in memory: it keeps what is published, in order over all topics, and can hold a send, or
 * lose the answer to one. A topic has one partition for records without one.
 */
export class MemoryKafka {
  readonly records: Published[] = [];
  readonly deadLetters: RejectedRecord[] = [];
  /** Of a value that a topic takes. */
  mostBytes = Infinity;
  readonly notes: SharedNotes;
  readonly schemas: PublishedSchemas;
  readonly publisher: RecordSender;
  readonly broker: BrokerView;
  readonly deadLetterSender: DeadLetterSender = {
    send: async (rejected) => void this.deadLetters.push(...rejected),
  };
  /** Told as a producer tells what all replicas hold. */
  onAcknowledged: (partition: number, end: bigint) => void = () => undefined;
  #notes: PipelineNote[] = [];
  #from = 0;
  #before: Hook = () => undefined;
  #after: Hook = () => undefined;
  readonly #endsOf = new Map<string, Map<number, bigint>>();

  readonly #topics: SyncConfig['topics'];

  constructor({ topics }: Pick<SyncConfig, 'topics'>) {
    this.#topics = topics;
    this.publisher = { send: (topic, records) => this.#send(topic, records as readonly OutRecord[]) };
    const write = (note: PipelineNote, gone: boolean) =>
      this.publisher.send(topics.notes, [
        { key: note.kind, value: gone ? null : JSON.stringify(note), partition: 0 },
      ]);
    const of: SharedNotes['of'] = (kind) =>
      this.#notes.filter((note): note is NoteOf<typeof kind> => note.kind === kind);
    const others = (note: PipelineNote) =>
      this.#notes.filter((one) => one.kind !== note.kind || nameOf(one) !== nameOf(note));
    this.notes = {
      refresh: async () => undefined,
      get identity() {
        return of('identity')[0];
      },
      of,
      put: async (_, note) => {
        await write(note, false);
        this.#notes = [...others(note), note];
      },
      remove: async (_, note) => {
        await write(note, true);
        this.#notes = others(note);
      },
    };
    // As the relay's own: read at the start of the process and not followed.
    this.schemas = {
      topicId: 'made once',
      get: () => undefined,
      all: () => [],
      publish: (publisher, schema) =>
        publisher.send(topics.schemas, [
          { key: schema.fingerprint, value: JSON.stringify(schema), partition: 0 },
        ]),
    };
    this.broker = {
      spans: (topic, start) => this.#spans(topic, start),
      heartbeats: async () => [],
      changeEnds: () => ({ ends: async () => this.#ends(topics.changes), close: async () => undefined }),
      topicWatch: () => ({ idOf: async () => 'made once', close: async () => undefined }),
      lag: () => ({ read: async () => 0, slowest: '', close: async () => undefined }),
    };
  }

  /** Lets the first send that `when` is true of wait, before anything of it is kept, until it is released. */
  hold(when: (event: PublishedEvent) => boolean): { reached: Promise<void>; release: () => void } {
    let [reach, release] = [() => {}, () => {}];
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const released = new Promise<void>((resolve) => (release = resolve));
    this.#before = (records, topic) => {
      if (!this.#someEvent(records, topic, when)) return undefined;
      this.#before = () => undefined;
      reach();
      return released;
    };
    return { reached, release };
  }

  /** Keeps the first send that `when` is true of, and fails it all the same. */
  loseAnswer(when: (event: PublishedEvent) => boolean, error: Error): void {
    this.#after = (records, topic) => {
      if (!this.#someEvent(records, topic, when)) return undefined;
      this.#after = () => undefined;
      return Promise.reject(error);
    };
  }

  /** From now on `events` and `kinds` tell of what is published behind this. */
  pass(): void {
    this.#from = this.#changes.length;
  }

  /** The changes of rows, and rows of loads, in the order in which they were published. */
  events(table?: string): PublishedEvent[] {
    return this.#changes
      .slice(this.#from)
      .flatMap((record) => eventOf(record) ?? [])
      .filter((event) => table === undefined || event.table === table);
  }

  /** Operation or kind of every record of the topic of changes, in order. */
  kinds(): string[] {
    return this.#changes
      .slice(this.#from)
      .map((record) => headerText(record.headers, header.control) ?? eventOf(record)!.op);
  }

  /** Every event with the schema that it names, if that was on its topic before the event was. */
  eventsWithSchemas(): [PublishedEvent, RowSchema | undefined][] {
    const schemas = new Map<string, RowSchema>();
    return this.records.flatMap((record): [PublishedEvent, RowSchema | undefined][] => {
      if (record.topic === this.#topics.schemas)
        schemas.set(record.key!.toString(), JSON.parse(record.value!.toString()) as RowSchema);
      const event = record.topic === this.#topics.changes ? eventOf(record) : undefined;
      return event ? [[event, schemas.get(event.schema)]] : [];
    });
  }

  /** What a target holds that applies the topic by versions (R4) and sweeps after loads (R5): keys and rows. */
  held(): Record<string, unknown> {
    const rows = new Map<string, { version: string; after: unknown }>();
    for (const record of this.#changes) {
      const version = headerText(record.headers, header.version)!;
      const key = record.key!.toString();
      if (headerText(record.headers, header.control) === 'sweep') {
        const { table } = JSON.parse(key) as { table: string };
        for (const [row, state] of rows)
          if (state.version < version && row.startsWith(`{"table":${JSON.stringify(table)},`))
            rows.set(row, { version, after: null });
      }
      const event = eventOf(record);
      if (event && version > (rows.get(key)?.version ?? '')) rows.set(key, { version, after: event.after });
    }
    return Object.fromEntries([...rows].flatMap(([key, { after }]) => (after ? [[key, after]] : [])).sort());
  }

  get #changes(): Published[] {
    return this.records.filter(({ topic }) => topic === this.#topics.changes);
  }

  async #send(topic: string, records: readonly OutRecord[]): Promise<void> {
    await this.#before(records, topic);
    const large = records.flatMap(({ value }, at) => (byteLength(value) > this.mostBytes ? at : []));
    for (const [at, record] of records.entries())
      if (!large.includes(at)) this.#keep(this.#kept(topic, record));
    if (large.length > 0) throw new OversizeRecordError(topic, large);
    await this.#after(records, topic);
    if (topic === this.#topics.changes)
      for (const [partition, end] of this.#ends(topic)) this.onAcknowledged(partition, end);
  }

  #keep(record: Published): void {
    this.records.push(record);
    const ends = this.#ends(record.topic);
    this.#endsOf.set(record.topic, ends.set(record.partition, BigInt(record.offset) + 1n));
  }

  #kept(topic: string, { key, value, headers = {}, partition = 0 }: OutRecord): Published {
    const offset = String(this.#ends(topic).get(partition) ?? 0n);
    const bytes = Array.isArray(value) ? Buffer.concat(value as Buffer[]) : value;
    return {
      ...{ topic, partition, offset, headers, timestamp: String(Date.now()) },
      key: key === null ? null : Buffer.from(key),
      value: bytes === null ? null : Buffer.from(bytes as Buffer),
    };
  }

  #someEvent(records: readonly OutRecord[], topic: string, when: (event: PublishedEvent) => boolean) {
    return records.some((record) => {
      const event = topic === this.#topics.changes ? eventOf(this.#kept(topic, record)) : undefined;
      return event !== undefined && when(event);
    });
  }

  /** By partition; the first one has an end before it has a record. */
  #ends(topic: string): Map<number, bigint> {
    return new Map(this.#endsOf.get(topic) ?? [[0, 0n]]);
  }

  async *#spans(topic: string, start: Parameters<BrokerView['spans']>[1]) {
    for (const [partition, high] of this.#ends(topic)) {
      const from = start(0n, high, partition);
      const records = this.records.filter(
        (record) => record.topic === topic && record.partition === partition,
      );
      yield { partition, records: records.slice(Number(from), Number(high)) };
    }
  }
}

const nameOf = (note: PipelineNote) =>
  [
    'app' in note ? note.app : '',
    'table' in note ? note.table : '',
    'target' in note ? note.target : '',
  ].join(' ');

function eventOf({ key, value, headers }: Published): PublishedEvent | undefined {
  const version = parseVersion(headerText(headers, header.version));
  if (version === undefined || value === null || headerText(headers, header.control) !== undefined)
    return undefined;
  const { table, key: keys } = JSON.parse(key!.toString()) as { table: string; key: { id: number } };
  const { op, before, after } = JSON.parse(value.toString()) as PublishedEvent;
  const schema = headerText(headers, header.schema)!;
  return { table, id: keys.id, op, before, after, version, schema };
}

/** The epoch of an event's version. */
export const epochOf = ({ version }: PublishedEvent) => versionParts(version).epoch;
