import type { LogEntry } from '@tributary/capture';
import { eventKeyWriter, imagesCrc, rowCodec, sameCrc, type RowSchema } from '@tributary/contract';
import { keyDigest, type TrailRecord } from './trail-record';

/** Tells whether records on the topic were made from the entries that the log holds under their ids now. */
export class EntryMatch {
  /** Digests of keys whose rows were read from their tables: such images are newer than the entries'. */
  readonly #reread = new Set<string>();

  constructor(
    private readonly schemaOf: (shapeId: number) => RowSchema | undefined,
    /** Rows were being read by their keys already before the first record. */
    private readonly rereading: boolean,
  ) {}

  /** Records of one key must come in their order. */
  fits(record: TrailRecord, entry: LogEntry): boolean {
    if (entry.op === 'm' || entry.op === 'k') return false;
    if (record.atMs !== undefined && record.atMs !== entry.atMs) return false;
    const schema = this.schemaOf(entry.shapeId);
    // Altered since, so that the row was read by its key under another shape.
    if (!schema || schema.fingerprint !== record.schema) return true;
    try {
      return this.#says(record, entry, schema);
    } catch {
      // Cells that are no row's: the entry is read by its key, or buried, when its turn comes.
      return true;
    }
  }

  #says(record: TrailRecord, entry: LogEntry, schema: RowSchema): boolean {
    const { key, row } = rowCodec(schema);
    if (keyDigest(eventKeyWriter(schema.table)(key(entry.rowKey))) !== record.key) return false;
    if (!entry.intact || (entry.op !== 'd' && entry.after === null)) {
      this.#reread.add(record.key);
      return true;
    }
    if (this.rereading || this.#reread.has(record.key)) return true;
    const op = entry.op === 'c' || entry.op === 'r' || entry.op === 'd' ? entry.op : 'u';
    if (record.op !== undefined && record.op !== op) return false;
    const image = (cells: LogEntry['after']) => (cells ? row(cells) : 'null');
    // Until 0.1 a delete without its image said nothing of the row.
    const befores = op === 'd' && !entry.before ? [key(entry.rowKey), 'null'] : [image(entry.before)];
    return befores.some((before) => sameCrc(imagesCrc(before, image(entry.after)), record.crc));
  }
}
