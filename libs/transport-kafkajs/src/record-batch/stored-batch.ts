import { crc32c } from '../crc32c';
import { BytesReader } from './bytes-reader';
import { unpack } from './codecs';
import { HeaderNames } from './header-names';
import { StoredRecord } from './stored-record';

/**
 * The head of a batch, format 2 (kafka.apache.org/documentation/#recordbatch): where each part stands. Length and
 * checksum count from behind themselves.
 */
export const at = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTime: 27,
  maxTime: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

const CODEC = 0x7;
export const LOG_APPEND_TIME = 0x8;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** A batch of records as Kafka stores it. Nothing is read of it before somebody asks, and nothing is copied. */
export class StoredBatch {
  readonly attributes: number;
  readonly baseOffset: bigint;
  /** Shared by the records. */
  readonly names = new HeaderNames();
  /** What it takes unpacked, known once its records were asked for. */
  unpackedBytes = 0;
  readonly #safeBase: number | undefined;

  /** `bytes`: the whole batch, from its base offset to its end. */
  constructor(readonly bytes: Buffer) {
    this.attributes = bytes.readInt16BE(at.attributes);
    this.baseOffset = bytes.readBigInt64BE(at.baseOffset);
    const safe = Number(this.baseOffset);
    if (Number.isSafeInteger(safe + 2 ** 31)) this.#safeBase = safe;
  }

  get count(): number {
    return this.bytes.readInt32BE(at.count);
  }

  get lastOffsetDelta(): number {
    return this.bytes.readInt32BE(at.lastOffsetDelta);
  }

  get isControl(): boolean {
    return (this.attributes & CONTROL) !== 0;
  }

  get inTransaction(): boolean {
    return (this.attributes & TRANSACTIONAL) !== 0;
  }

  /** Whether another topic takes it: with an offset for every record, none of them missing, and of no transaction. */
  get isPassable(): boolean {
    return !this.isControl && !this.inTransaction && this.count === this.lastOffsetDelta + 1;
  }

  get producerId(): string {
    return String(this.bytes.readBigInt64BE(at.producerId));
  }

  offsetOf(delta: number): string {
    return String(this.#safeBase === undefined ? this.baseOffset + BigInt(delta) : this.#safeBase + delta);
  }

  /** Milliseconds since 1970 of a record whose time stands so much behind the base; the broker's time counts for all. */
  timeOf(delta: () => bigint): string {
    const appended = this.bytes.readBigInt64BE(at.maxTime);
    if (this.attributes & LOG_APPEND_TIME) return String(appended);
    return String(BigInt.asIntN(64, this.bytes.readBigInt64BE(at.baseTime) + delta()));
  }

  /**
   * The records, after a check that the bytes are those that were sent and hold what they say, no more and no less
   * (R11). Throws an Error when not.
   */
  records(): StoredRecord[] {
    const { bytes, count, lastOffsetDelta } = this;
    const sum = crc32c(bytes, at.attributes, bytes.length);
    if (sum !== bytes.readUInt32BE(at.crc)) throw new Error('the checksum (CRC-32C) is another one');
    const codec = this.attributes & CODEC;
    const reader =
      codec === 0 || count === 0
        ? new BytesReader(bytes, at.records)
        : new BytesReader(unpack(codec, bytes.subarray(at.records)));
    this.unpackedBytes = reader.end;
    const records: StoredRecord[] = [];
    let before = -1;
    for (let nth = 0; nth < count; nth += 1) {
      const record = new StoredRecord(this, reader);
      if (record.offsetDelta <= before || record.offsetDelta > lastOffsetDelta)
        throw new Error('the offsets are out of order');
      before = record.offsetDelta;
      records.push(record);
    }
    if (count < 0 || (count > 0 && reader.at !== reader.end))
      throw new Error('it holds another number of records');
    return records;
  }
}
