import type { InRecord, Log, RecordSender, TopicReader, Transport } from '@tributary/transport';

/** Whose versions stand on the topics; written by the leading relay before its first event of an epoch. */
export interface IdentityNote {
  readonly kind: 'identity';
  /** Of the pipeline, for as long as it lives: 32 hex digits. */
  readonly pipeline: string;
  /** Of the change log: another one whenever its ids may have begun again. 32 hex digits. */
  readonly incarnation: string;
  /** Of the versions that this incarnation gives from now on. */
  readonly epoch: number;
  /** The topic prefix, for people. */
  readonly name: string;
  /** ISO time. */
  readonly at: string;
}

/** A table that a stage leaves out while the others go on (R15). */
export interface SuspensionNote {
  readonly kind: 'suspended';
  /** The service that leaves it out. */
  readonly app: string;
  /** The process of it that does; absent: of an earlier release. */
  readonly instance?: string;
  /** Hash of that process's sync file. */
  readonly config?: string;
  /** `database.table`, or an entry of the sync file. */
  readonly table: string;
  /** Upper case, stable: what a program tells it by. */
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly reason: string;
  /** One sentence: what to do. */
  readonly remedy: string;
  /** ISO time. */
  readonly since: string;
}

/** Asks the relay for an epoch above this one, with a load of every table: a target holds versions up to it. */
export interface EpochDemandNote {
  readonly kind: 'epoch-above';
  /** Who asks. */
  readonly app: string;
  readonly epoch: number;
  readonly reason: string;
  readonly at: string;
}

/** In the place of a table's name: every table of the pipeline. */
export const EVERY_TABLE = '*';

/** Asks the relay for a load of one table, or of every table; the relay takes the note back when the load is queued. */
export interface LoadDemandNote {
  readonly kind: 'load';
  readonly app: string;
  readonly table: string;
  readonly reason: string;
  readonly at: string;
}

/**
 * A table that an operator has paused: in the relay, which then publishes nothing of it, or in the sink of one target.
 * Only the operator takes it back.
 */
export interface PauseNote {
  readonly kind: 'paused';
  /** `database.table`. */
  readonly table: string;
  /** The target whose sink leaves it out; absent: the relay does. */
  readonly target?: string;
  /** Who paused it. */
  readonly by: string;
  /** Why, as that one said; may be empty. */
  readonly reason: string;
  /** ISO time. */
  readonly at: string;
  /** Where the sink still lacked events of an earlier pause: when the oldest of them came to its topic, ISO time. */
  readonly since?: string;
}

export type PipelineNote = IdentityNote | SuspensionNote | EpochDemandNote | LoadDemandNote | PauseNote;
export type NoteOf<K extends PipelineNote['kind']> = Extract<PipelineNote, { kind: K }>;

const keyParts = (note: PipelineNote): readonly (string | undefined)[] => {
  switch (note.kind) {
    case 'identity':
      return [note.kind];
    case 'epoch-above':
      return [note.kind, note.app];
    case 'suspended':
      return [note.kind, note.app, note.table, note.instance];
    case 'load':
      return [note.kind, note.app, note.table];
    case 'paused':
      return [note.kind, note.table, note.target];
  }
};

const keyOf = (note: PipelineNote) =>
  keyParts(note)
    .filter((part) => part !== undefined)
    .join('/');

/**
 * What the parts of a pipeline tell each other beside the rows, on the compacted topic `<prefix>.notes`: one note a
 * subject, the newest one counts. Read when asked, not followed: an open fetch costs an idle process more than a look
 * every few seconds. Every method throws SyncErrors (`retry` while Kafka is away).
 */
export class PipelineNotes {
  readonly #transport: Pick<Transport, 'reader'>;
  readonly #topic: string;
  readonly #log: Log;
  readonly #notes = new Map<string, PipelineNote>();
  #reader: TopicReader | undefined;
  #position = 0n;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(transport: Pick<Transport, 'reader'>, topic: string, log: Log) {
    this.#transport = transport;
    this.#topic = topic;
    this.#log = log;
  }

  /** Reads what has come since the last look: one request when nothing has. Calls may overlap. */
  async refresh(): Promise<void> {
    const look = this.#turn.then(() => this.#look());
    this.#turn = look.catch(() => {});
    await look;
  }

  /** All notes of a kind, as of the last `refresh`. */
  of<K extends PipelineNote['kind']>(kind: K): NoteOf<K>[] {
    return [...this.#notes.values()].filter((note): note is NoteOf<K> => note.kind === kind);
  }

  get identity(): IdentityNote | undefined {
    return this.of('identity')[0];
  }

  /** Resolves when Kafka has it; seen here by the next `refresh`. */
  async put(publisher: RecordSender, note: PipelineNote): Promise<void> {
    await publisher.send(this.#topic, [{ key: keyOf(note), value: JSON.stringify(note), partition: 0 }]);
  }

  /** Takes a note back: what it said is over. */
  async remove(publisher: RecordSender, note: PipelineNote): Promise<void> {
    await publisher.send(this.#topic, [{ key: keyOf(note), value: null, partition: 0 }]);
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#reader?.close();
    this.#reader = undefined;
  }

  async #look(): Promise<void> {
    try {
      const reader = (this.#reader ??= await this.#open());
      const high = (await reader.offsets('high')).get(0) ?? 0n;
      // As a rule: every service looks once a second.
      if (this.#position === high) return;
      const low = (await reader.offsets('low')).get(0) ?? 0n;
      if (this.#position > high) {
        // The topic was made anew.
        this.#notes.clear();
        this.#position = low;
      }
      const positions = new Map([[0, this.#position < low ? low : this.#position]]);
      while (positions.get(0)! < high) {
        const fetched = await reader.fetch(positions, 250);
        for (const record of fetched.get(0) ?? []) this.#take(record);
        this.#position = positions.get(0)!;
      }
    } catch (error) {
      await this.#reader?.close();
      this.#reader = undefined;
      throw error;
    }
  }

  async #open(): Promise<TopicReader> {
    const reader = this.#transport.reader(this.#topic);
    await reader.open();
    return reader;
  }

  #take({ key, value, offset }: InRecord): void {
    const id = key?.toString('utf8') ?? '';
    this.#notes.delete(id);
    if (value === null) return;
    const note = parseNote(value);
    if (note && keyOf(note) === id) this.#notes.set(id, note);
    else
      this.#log.warn({ topic: this.#topic, offset }, 'A record of the notes topic is not known and skipped');
  }
}

const kinds: Record<PipelineNote['kind'], readonly string[]> = {
  identity: ['pipeline', 'incarnation', 'name'],
  suspended: ['app', 'table', 'code', 'reason', 'remedy'],
  'epoch-above': ['app', 'reason'],
  load: ['app', 'table', 'reason'],
  paused: ['table', 'by', 'reason', 'at'],
};

/** A note of a later version, or a record that is none, is `undefined`. */
function parseNote(value: Buffer): PipelineNote | undefined {
  try {
    const note = JSON.parse(value.toString('utf8')) as Record<string, unknown> | null;
    const texts =
      note && Object.hasOwn(kinds, String(note['kind'])) ? kinds[note['kind'] as 'load'] : undefined;
    const epochs = note?.['kind'] === 'identity' || note?.['kind'] === 'epoch-above';
    return texts?.every((name) => typeof note![name] === 'string') &&
      (!epochs || Number.isSafeInteger(note!['epoch']))
      ? (note as unknown as PipelineNote)
      : undefined;
  } catch {
    return undefined;
  }
}
