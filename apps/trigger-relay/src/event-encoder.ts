import { randomBytes } from 'node:crypto';
import {
  envelopeWriter,
  eventKeyWriter,
  formatVersion,
  header,
  imagesCrc,
  rowCodec,
  type Operation,
  type RowCodec,
  type RowSchema,
} from '@tributary/change-event';
import type { OutRecord } from '@tributary/kafka';
import { productVersion } from '@tributary/service';

/** A change whose images are JSON texts (`null` as text where there is none). */
export interface EncodableChange {
  readonly op: Operation;
  /** JSON text of the key columns. */
  readonly key: string;
  readonly before: string;
  readonly after: string;
  readonly id: bigint;
  readonly atMs: number;
  readonly snapshot: boolean;
}

/** Makes the Kafka records of one table shape. */
export class EventEncoder {
  readonly codec: RowCodec;
  readonly #writeValue: ReturnType<typeof envelopeWriter>;
  readonly #writeKey: (key: string) => string;

  constructor(
    prefix: string,
    readonly schema: RowSchema,
    private readonly epoch: number,
  ) {
    this.codec = rowCodec(schema);
    this.#writeValue = envelopeWriter(prefix, schema.table, productVersion);
    this.#writeKey = eventKeyWriter(schema.table);
  }

  record(change: EncodableChange, trace: string, publishedTsMs: number): OutRecord {
    const { op, key, before, after, id, atMs, snapshot } = change;
    const version = formatVersion(this.epoch, id);
    return {
      key: this.#writeKey(key),
      // Bytes at once: as text it would be a rope of all its cells for as long as it waits to be sent.
      value: Buffer.from(
        this.#writeValue({ before, after, op, sourceTsMs: atMs, publishedTsMs, snapshot, version }),
      ),
      headers: {
        [header.version]: version,
        [header.schema]: this.schema.fingerprint,
        [header.crc]: imagesCrc(before, after),
        [header.trace]: trace,
      },
    };
  }
}

/** A W3C trace context for one published batch: all its events belong to one trace. */
export const newTrace = (): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
