import { freeLarge, imageSize, type Cell, type RawCell } from '@tributary/change-event';
import type { LogEntry, TablePlan } from '@tributary/capture';
import type { OutRecord } from '@tributary/kafka';
import type { ChunkWindows } from '@tributary/snapshot';
import { newTrace, type EncodableChange, type EventEncoder } from './event-encoder';
import { RereadKeys } from './reread-keys';
import type { TableShapes } from './table-shapes';

/** Reads a row as it is now by its key cells; `null` when it is gone. */
export type RereadRow = (plan: TablePlan, key: readonly Cell[]) => Promise<readonly RawCell[] | null>;

/** A change and the encoder of the shape that its image has. */
interface EncodedChange {
  readonly encoder: EventEncoder;
  readonly change: EncodableChange;
}

export interface EncodedPart {
  readonly records: OutRecord[];
  /** Records by table, for metrics. */
  readonly counts: Map<string, number>;
}

const emptyPart = (): EncodedPart => ({ records: [], counts: new Map() });

/** Characters of one part: a batch of key-only entries can stand for rows of many megabytes each (R13). */
const PART_CHARACTERS = 4 << 20;

/** Turns log entries into records, in log order, one record per row change. */
export class EntryEncoder {
  readonly #rereadKeys = new RereadKeys();

  constructor(
    private readonly shapes: TableShapes,
    private readonly windows: ChunkWindows,
    private readonly plan: (table: string) => TablePlan | undefined,
    private readonly reread: RereadRow,
  ) {}

  /** The records of a batch in parts of bounded size. */
  async *parts(entries: readonly LogEntry[]): AsyncGenerator<EncodedPart> {
    const trace = newTrace();
    const now = Date.now();
    let part = emptyPart();
    let characters = 0;
    for (const entry of entries) {
      if (entry.op === 'm') continue; // a marker has done its work by having taken an id
      const { encoder, change } = await this.#change(entry, await this.shapes.encoder(entry.shapeId));
      const { table } = encoder.schema;
      this.windows.note(table, entry.id, change.key);
      part.records.push(encoder.record(change, trace, now));
      part.counts.set(table, (part.counts.get(table) ?? 0) + 1);
      characters += change.before.length + imageSize(change.after);
      if (characters >= PART_CHARACTERS) {
        // What the rows were read and encoded in, and then what they were sent in.
        freeLarge(characters);
        yield part;
        part = emptyPart();
        freeLarge(characters);
        characters = 0;
      }
    }
    if (part.records.length > 0) yield part;
  }

  /** To be called when the records of a batch are on the topic; `drained`: the batch reached the log's end. */
  endRound(drained: boolean): void {
    this.#rereadKeys.endRound(drained);
  }

  async #change(entry: LogEntry, encoder: EventEncoder): Promise<EncodedChange> {
    const { codec, schema } = encoder;
    const base = { id: entry.id, atMs: entry.atMs, key: codec.key(entry.rowKey), snapshot: false } as const;
    const before = entry.before ? codec.row(entry.before) : 'null';
    const hasImage = entry.op === 'd' ? entry.intact : entry.after !== null;
    if (!hasImage || this.#rereadKeys.has(schema.table, base.key)) return this.#reread(entry, encoder, base);
    if (entry.op === 'd') return { encoder, change: { ...base, op: 'd', before, after: 'null' } };
    return { encoder, change: { ...base, op: operationOf(entry), before, after: codec.row(entry.after!) } };
  }

  /**
   * A key-only entry (the row was too large to log, a cascade touched it, or the checksum failed): the row as it is
   * now is not older than the entry, and what changed since has an entry of its own behind this one.
   */
  async #reread(
    entry: LogEntry,
    encoder: EventEncoder,
    base: Omit<EncodableChange, 'op' | 'before' | 'after'>,
  ): Promise<EncodedChange> {
    const plan = this.plan(encoder.schema.table);
    // A table that is no longer in the sync file cannot be read: without its image the validator refuses the event.
    if (!plan) return { encoder, change: { ...base, op: operationOf(entry), before: 'null', after: 'null' } };
    this.#rereadKeys.note(encoder.schema.table, base.key);
    const cells = await this.reread(plan, entry.rowKey);
    if (!cells) {
      const before = entry.intact && entry.before ? encoder.codec.row(entry.before) : 'null';
      return { encoder, change: { ...base, op: 'd', before, after: 'null' } };
    }
    const current = await this.shapes.encoderOf(plan.schema);
    const after = current.largeRow(cells);
    return { encoder: current, change: { ...base, op: operationOf(entry), before: 'null', after } };
  }
}

const operationOf = ({ op }: LogEntry) => (op === 'c' || op === 'r' ? op : 'u');
