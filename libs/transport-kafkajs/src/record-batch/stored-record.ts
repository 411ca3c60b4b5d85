import type { Headers, HeaderValue } from '@tributary/contract';
import type { InRecord } from '@tributary/transport';
import { BytesReader } from './bytes-reader';
import type { StoredBatch } from './stored-batch';

/**
 * A record where it stands among the bytes of its batch. Key, value and headers are slices of these, made when somebody
 * asks for them; that they are there was checked before.
 */
export class StoredRecord implements InRecord {
  readonly offsetDelta: number;
  private readonly bytes: Buffer;
  private readonly timeAt: number;
  /** Lengths are -1 for null. */
  private readonly keyAt: number;
  private readonly keyLength: number;
  private readonly valueAt: number;
  private readonly valueLength: number;
  private readonly headersAt: number;
  private readonly end: number;
  private keySlice: Buffer | null | undefined;
  private valueSlice: Buffer | null | undefined;
  private headersRead: Headers | undefined;

  /** The record that begins where `reader` stands, which is led behind it. Throws an Error when it is no whole record. */
  constructor(
    readonly batch: StoredBatch,
    reader: BytesReader,
  ) {
    this.bytes = reader.bytes;
    const length = reader.varint();
    this.end = reader.at + length;
    reader.skip(1);
    this.timeAt = reader.at;
    reader.skipVarlong();
    this.offsetDelta = reader.varint();
    this.keyLength = reader.varint();
    this.keyAt = reader.at;
    skipBytes(reader, this.keyLength);
    this.valueLength = reader.varint();
    this.valueAt = reader.at;
    skipBytes(reader, this.valueLength);
    this.headersAt = reader.at;
    const headers = reader.varint();
    if (headers < 0) throw new Error('a number of headers is negative');
    for (let nth = 0; nth < headers; nth += 1) {
      reader.skip(reader.varint());
      skipBytes(reader, reader.varint());
    }
    if (reader.at !== this.end) throw new Error('a record is longer or shorter than it says');
  }

  get key(): Buffer | null {
    return (this.keySlice ??=
      this.keyLength < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyLength));
  }

  get value(): Buffer | null {
    return (this.valueSlice ??=
      this.valueLength < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueLength));
  }

  get headers(): Headers {
    return (this.headersRead ??= this.readHeaders());
  }

  get offset(): string {
    return this.batch.offsetOf(this.offsetDelta);
  }

  get timestamp(): string {
    return this.batch.timeOf(() => new BytesReader(this.bytes, this.timeAt, this.end).varlong());
  }

  /** For the client, which leaves these out. */
  get isControlRecord(): boolean {
    return this.batch.isControl;
  }

  /** For the client, which leaves out those of aborted transactions. */
  get batchContext(): StoredBatch {
    return this.batch;
  }

  private readHeaders(): Headers {
    const reader = new BytesReader(this.bytes, this.headersAt, this.end);
    const headers: Headers = {};
    const count = reader.varint();
    for (let nth = 0; nth < count; nth += 1) {
      const length = reader.varint();
      const name = this.batch.names.at(nth, this.bytes, reader.at, length);
      reader.skip(length);
      add(headers, name, this.readValue(reader));
    }
    return headers;
  }

  private readValue(reader: BytesReader): Buffer | null {
    const length = reader.varint();
    if (length < 0) return null;
    reader.skip(length);
    return this.bytes.subarray(reader.at - length, reader.at);
  }
}

/** A repeated header is an array of its values. Also one that is called like what every object inherits is a header. */
function add(headers: Headers, name: string, value: Buffer | null): void {
  if (!(name in headers)) headers[name] = value;
  else if (!Object.hasOwn(headers, name))
    Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
  else {
    const held = headers[name] as Exclude<HeaderValue, undefined>;
    headers[name] = Array.isArray(held) ? [...held, value] : [held, value];
  }
}

/** -1 stands for null. */
function skipBytes(reader: BytesReader, length: number): void {
  if (length !== -1) reader.skip(length);
}
