import { randomBytes } from 'node:crypto';
import {
  envelopeWriter,
  eventKeyWriter,
  formatVersion,
  header,
  imagesCrc,
  largeRowEncoder,
  rowCodec,
  type EnvelopeParts,
  type EnvelopeWriter,
  type Image,
  type Operation,
  type RowCodec,
  type RowSchema,
} from '@tributary/change-event';
import type { OutRecord } from '@tributary/kafka';
import { productVersion } from '@tributary/service';

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
    const version = formatVersion(this.epoch, id);
    const parts = { before, op, sourceTsMs: atMs, publishedTsMs, snapshot, version };
    return {
      key: this.#writeKey(key),
      // Bytes at once: as text it would be a rope of all its cells for as long as it waits to be sent.
      value:
        typeof after === 'string'
          ? Buffer.from(this.#writeValue({ ...parts, after }))
          : this.#largeValue(parts, after),
      headers: {
        [header.version]: version,
        [header.schema]: this.schema.fingerprint,
        [header.crc]: imagesCrc(before, after),
        [header.trace]: trace,
      },
    };
  }

  #largeValue(parts: Omit<EnvelopeParts, 'after'>, after: readonly Buffer[]): readonly Buffer[] {
    const [head, tail] = this.#writeValue.around(parts);
    return [Buffer.from(head), ...after, Buffer.from(tail)];
  }
}

/** A W3C trace context for one published batch: all its events belong to one trace. */
export const newTrace = (): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
