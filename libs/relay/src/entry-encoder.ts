import { setImmediate as nextTurn } from 'node:timers/promises';
import { imageSize, type Cell, type RawCell } from '@tributary/contract';
import { freeLarge, SyncError } from '@tributary/kernel';
import type { LogEntry, TablePlan } from '@tributary/capture';
import type { ChunkWindows } from '@tributary/snapshot';
import { emptyPart, isEmpty, type EncodedPart } from './encoded-part';
import { newTrace, type EncodableChange, type EventEncoder } from './event-encoder';
import { RereadKeys } from './reread-keys';
import { sameKey, type ShapeGuard } from './shape-guard';
import type { SchemaEncoders } from './schema-encoders';

/**
 * Reads a row as it is now by its key cells; `null` when it is gone, `unreadable` when the table cannot be read as it
 * was planned: it has changed again, or is not there.
 */
export type RereadRow = (
  plan: TablePlan,
  key: readonly Cell[],
) => Promise<readonly RawCell[] | null | 'unreadable'>;

/** A change and the encoder of the shape that its image has. */
interface EncodedChange {
  readonly encoder: EventEncoder;
  readonly change: EncodableChange;
}

/** Log entries that are read at once, and the encoders of the shapes that they name. */
interface Batch {
  readonly entries: readonly LogEntry[];
  readonly encoders: ReadonlyMap<number, EventEncoder>;
  readonly parks: (table: string) => boolean;
  readonly trace: string;
  readonly now: number;
}

/** A part, the place behind its last entry, and the characters of its images. */
interface PartTo {
  readonly part: EncodedPart;
  readonly to: number;
  readonly characters: number;
}

const add = (counts: Map<string, number>, table: string) => counts.set(table, (counts.get(table) ?? 0) + 1);

/** Characters of one part: a batch of key-only entries can stand for rows of many megabytes each (R13). */
const PART_CHARACTERS = 4 << 20;

/** A larger row is read again for each of its entries instead of being held (R13). */
const KEPT_BYTES = 256 << 10;

export interface EncoderDeps {
  readonly shapes: Pick<SchemaEncoders, 'encoder' | 'encoderOf'>;
  readonly guard: ShapeGuard;
  readonly windows: ChunkWindows;
  readonly plan: (table: string) => TablePlan | undefined;
  /** Whether the sync file still asks for a table. */
  readonly wanted: (table: string) => boolean;
  /** Why the entries of a table are skipped; `undefined`: they are not. */
  readonly leftOut: (table: string) => 'suspended' | 'excluded' | undefined;
  readonly reread: RereadRow;
}

/** Turns log entries into records, in log order, one record per row change. */
export class EntryEncoder {
  readonly #rereadKeys = new RereadKeys();
  /**
   * Rows that were read for the present part, by table, columns and key. The part's entries were all in the log before, so one
   * read does for all entries of a key: on a backlog of changes to few rows that is most of them.
   */
  readonly #rows = new Map<string, readonly RawCell[] | null>();

  constructor(private readonly deps: EncoderDeps) {}

  /** The records of a batch in parts of bounded size. `parks`: the tables whose entries are to be set aside instead. */
  async *parts(
    entries: readonly LogEntry[],
    parks: (table: string) => boolean = () => false,
  ): AsyncGenerator<EncodedPart> {
    const batch: Batch = {
      ...{ entries, parks },
      encoders: await this.#encoders(entries),
      trace: newTrace(),
      now: Date.now(),
    };
    let made = await this.#firstPart(batch);
    for (let from = 0; from < entries.length; made = null) {
      made ??= await this.#part(batch, from);
      const { to, characters } = made;
      if (await this.#misread(made.part)) continue;
      if (!isEmpty(made.part)) yield made.part;
      [made, from] = [null, to];
      freeLarge(characters);
    }
  }

  /** Whether rows were read by the columns that their table had before an ALTER. */
  async #misread({ reread }: EncodedPart): Promise<boolean> {
    if (reread.size === 0 || !(await this.deps.guard.check(new Set(reread.keys())))) return false;
    return [...reread].some(([table, columns]) => columns !== this.#columns(table));
  }

  #columns(table: string): string | undefined {
    return this.deps.plan(table)?.schema.fingerprint;
  }

  /** The first part, which is made while the tables are looked at; `null` when they have changed, so that it is made anew. */
  async #firstPart(batch: Batch): Promise<PartTo | null> {
    const tables = new Set([...batch.encoders.values()].map(({ schema }) => schema.table));
    const check = this.deps.guard.check(tables);
    // Over a connection that is closed by now it fails before anybody awaits it.
    check.catch(() => undefined);
    // The question is on its way while the batch is encoded as if nothing had changed.
    await nextTurn();
    const [changed, first] = await Promise.allSettled([check, this.#part(batch, 0)]);
    if (changed.status === 'rejected') throw changed.reason;
    if (changed.value) return null;
    if (first.status === 'rejected') throw first.reason;
    return first.value;
  }

  /** To be called when the records of a batch are on the topic; `drained`: the batch reached the log's end. */
  endRound(drained: boolean): void {
    this.#rereadKeys.endRound(drained);
  }

  /** Whether rows are read by their keys although the log has images of them. */
  get rereading(): boolean {
    return !this.#rereadKeys.none;
  }

  /** The encoders of the shapes that the entries name; markers name none. */
  async #encoders(entries: readonly LogEntry[]): Promise<Map<number, EventEncoder>> {
    const ids = new Set(entries.map(({ shapeId }) => shapeId).filter((id) => id !== 0));
    const encoders = new Map<number, EventEncoder>();
    for (const id of ids) {
      const encoder = await this.deps.shapes.encoder(id);
      if (encoder) encoders.set(id, encoder);
    }
    return encoders;
  }

  /** The part that begins with the entry at `from`. */
  async #part({ entries, encoders, parks, trace, now }: Batch, from: number): Promise<PartTo> {
    this.#rows.clear();
    const part = emptyPart();
    let characters = 0;
    let to = from;
    while (to < entries.length && characters < PART_CHARACTERS) {
      const entry = entries[to]!;
      to += 1;
      const { id, damage } = entry;
      if (entry.op === 'm' && damage === null) continue; // a marker has done its work by having taken an id
      const logged = encoders.get(entry.shapeId);
      if (!logged) {
        part.damaged.push({
          id,
          table: null,
          damage: damage ?? `its table shape ${entry.shapeId} is not known`,
        });
        continue;
      }
      const { table } = logged.schema;
      const out = this.deps.leftOut(table);
      if (out) {
        const counts = part.leftOut.get(out) ?? new Map<string, number>();
        part.leftOut.set(out, counts);
        add(counts, table);
        continue;
      }
      // Once one is, those behind it are: the table may be resumed in the middle.
      const parked = part.parked.get(table);
      if (parked) parked.push(entry);
      else if (parks(table)) part.parked.set(table, [entry]);
      if (part.parked.has(table)) continue;
      if (damage !== null) part.damaged.push({ id, table, damage });
      const imaged = this.#fromImage(entry, logged);
      if (imaged === 'unfit') {
        part.damaged.push({ id, table, damage: 'its values do not fit the columns of its table' });
        continue;
      }
      if (!imaged && !part.reread.has(table)) part.reread.set(table, this.#columns(table));
      const encoded = imaged ?? (await this.#reread(entry, logged));
      if (encoded === 'missed') {
        if (damage === null) add(part.missed, table);
        continue;
      }
      const { encoder, change } = encoded;
      this.deps.windows.note(table, entry.id, change.key);
      part.records.push(encoder.record(change, trace, now));
      add(part.counts, table);
      part.newest.set(table, entry.atMs);
      characters += change.before.length + imageSize(change.after);
    }
    // What the rows were read and encoded in.
    this.#rows.clear();
    freeLarge(characters);
    return { part, to, characters };
  }

  /** The change as the entry itself has it; `null` when the row must be read, `unfit` when its cells are no row's. */
  #fromImage(entry: LogEntry, encoder: EventEncoder): EncodedChange | 'unfit' | null {
    try {
      return this.#imaged(entry, encoder);
    } catch {
      return 'unfit';
    }
  }

  #imaged(entry: LogEntry, encoder: EventEncoder): EncodedChange | null {
    const hasImage = entry.op === 'd' ? entry.intact : entry.op !== 'k' && entry.after !== null;
    const { codec, schema } = encoder;
    if (!hasImage || this.deps.guard.reading(schema, entry.id) === 'key') return null;
    const base = baseOf(entry, codec.key(entry.rowKey));
    if (this.#rereadKeys.has(schema.table, base.key)) return null;
    if (entry.op === 'd') {
      const before = entry.before ? codec.row(entry.before) : base.key;
      return { encoder, change: { ...base, op: 'd', before, after: 'null' } };
    }
    const before = entry.before ? codec.row(entry.before) : 'null';
    return { encoder, change: { ...base, op: operationOf(entry), before, after: codec.row(entry.after!) } };
  }

  /**
   * A key-only entry (the row was too large to log, a cascade touched it, an ALTER took one of its columns or gave it
   * another type, or the checksum failed): the row as it is now is not older than the entry, and what changed since
   * has an entry of its own behind this one.
   */
  async #reread(entry: LogEntry, logged: EventEncoder): Promise<EncodedChange | 'missed'> {
    if (!keyFits(entry, logged)) return 'missed';
    const { plan: planOf, wanted, shapes, reread } = this.deps;
    const { schema } = logged;
    const plan = planOf(schema.table);
    if ((plan && !sameKey(schema, plan.schema)) || (!plan && wanted(schema.table))) return 'missed';
    if (!plan) {
      // A table that is no longer in the sync file cannot be read: without its image the validator refuses the event.
      const base = baseOf(entry, logged.codec.key(entry.rowKey));
      return { encoder: logged, change: { ...base, op: operationOf(entry), before: 'null', after: 'null' } };
    }
    const current = shapes.encoderOf(plan.schema);
    const base = baseOf(entry, current.codec.key(entry.rowKey));
    this.#rereadKeys.note(schema.table, base.key);
    const place = `${schema.table}\0${plan.schema.fingerprint}\0${base.key}`;
    let cells = this.#rows.get(place);
    if (cells === undefined) {
      const read = await reread(plan, entry.rowKey).catch((error: unknown): 'unreadable' => {
        // What the server says of a damaged key is no trouble of the server.
        if (entry.damage !== null && error instanceof SyncError && error.kind === 'fatal')
          return 'unreadable';
        throw error;
      });
      if (read === 'unreadable') return 'missed';
      this.#rows.set(place, (cells = read));
    }
    if (cells) {
      const after = current.largeRow(cells);
      if (imageSize(after) > KEPT_BYTES) this.#rows.delete(place);
      return { encoder: current, change: { ...base, op: operationOf(entry), before: 'null', after } };
    }
    const readable = entry.intact && this.deps.guard.reading(schema, entry.id) === 'image';
    return readable && entry.before
      ? {
          encoder: logged,
          change: { ...base, op: 'd', before: logged.codec.row(entry.before), after: 'null' },
        }
      : { encoder: current, change: { ...base, op: 'd', before: base.key, after: 'null' } };
  }
}

/** A damaged entry can have no key, or another table's, or none that can be told from a marker's. */
function keyFits({ op, rowKey, damage }: LogEntry, { codec, schema }: EventEncoder): boolean {
  if (op === 'k' || op === 'm' || rowKey.length !== schema.key.length) return false;
  if (damage === null) return true;
  try {
    codec.key(rowKey);
    return !rowKey.includes(null);
  } catch {
    return false;
  }
}

const baseOf = ({ id, atMs }: LogEntry, key: string) => ({ id, atMs, key, snapshot: false }) as const;

const operationOf = ({ op }: LogEntry) => (op === 'c' || op === 'r' ? op : 'u');
