import { randomBytes } from 'node:crypto';
import {
  envelopeWriter,
  eventKeyWriter,
  formatVersion,
  header,
  imagesCrc,
  largeRowEncoder,
  NO_VERSION,
  rowCodec,
  writtenImagesCrc,
  type EnvelopeWriter,
  type Image,
  type Operation,
  type RowCodec,
  type RowSchema,
  type Version,
} from '@tributary/contract';
import type { OutRecord } from '@tributary/transport';
import { productVersion } from '@tributary/service';
import { ByteSlab } from './byte-slab';

/** Of all encoders: what they write goes out together. */
const slab = new ByteSlab();

/** A change whose images are JSON (the text `null` where there is none). */
export interface EncodableChange {
  readonly op: Operation;
  /** JSON text of the key columns. */
  readonly key: string;
  readonly before: string;
  readonly after: Image;
  readonly id: bigint;
  readonly atMs: number;
  readonly snapshot: boolean;
}

/** Makes the Kafka records of one table shape. */
export class EventEncoder {
  readonly codec: RowCodec;
  /** For rows that were read alone. */
  readonly largeRow: ReturnType<typeof largeRowEncoder>;
  readonly #writeValue: EnvelopeWriter;
  readonly #writeKey: (key: string) => string;
  #lastId = -1n;
  #lastVersion: Version = NO_VERSION;

  constructor(
    prefix: string,
    readonly schema: RowSchema,
    private readonly epoch: number,
  ) {
    this.codec = rowCodec(schema);
    this.largeRow = largeRowEncoder(schema);
    this.#writeValue = envelopeWriter(prefix, schema.table, productVersion);
    this.#writeKey = eventKeyWriter(schema.table);
  }

  record(change: EncodableChange, trace: string, publishedTsMs: number): OutRecord {
    const { op, key, before, after, id, atMs, snapshot } = change;
    const version = this.#versionOf(id);
    const parts = { before, op, sourceTsMs: atMs, publishedTsMs, snapshot, version };
    const [head, tail] = this.#writeValue.around(parts);
    const { value, crc } =
      typeof after === 'string' ? written(before, head, after, tail) : large(before, head, after, tail);
    return {
      key: this.#writeKey(key),
      value,
      headers: {
        [header.version]: version,
        [header.schema]: this.schema.fingerprint,
        [header.crc]: crc,
        [header.trace]: trace,
      },
    };
  }

  /** The rows of a chunk share one. */
  #versionOf(id: bigint): Version {
    if (id !== this.#lastId) [this.#lastId, this.#lastVersion] = [id, formatVersion(this.epoch, id)];
    return this.#lastVersion;
  }
}

/** Bytes at once: as text it would be a rope of all its cells for as long as it waits to be sent. */
function written(before: string, head: string, after: string, tail: string) {
  const value = slab.write(head + after + tail);
  const [start, end] = [Buffer.byteLength(head), value.length - Buffer.byteLength(tail)];
  return { value, crc: writtenImagesCrc(before, value, start, end) };
}

const large = (before: string, head: string, after: readonly Buffer[], tail: string) => ({
  value: [Buffer.from(head), ...after, Buffer.from(tail)],
  crc: imagesCrc(before, after),
});

/** A W3C trace context for one published batch: all its events belong to one trace. */
export const newTrace = (): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
