/** A record as the client's consumer knows it. */
interface FetchedRecord {
  readonly magicByte: 2;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | (Buffer | null)[] | null>;
  readonly isControlRecord: boolean;
  readonly batchContext: object;
}

interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: AbortedTransaction[];
  readonly preferredReadReplica: number;
  readonly messages: FetchedRecord[];
}

export interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: { readonly topicName: string | null; readonly partitions: FetchedPartition[] }[];
}

const MAGIC_AT = 16;
const BATCH_HEAD = 61;
/** The client takes less than this at the end for a batch that was cut off. */
const LEAST_BATCH = 49;
const COMPRESSION = 0x7;
const LOG_APPEND_TIME = 0x8;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** Thrown for what only the client's own decoder understands. */
class NotPlain extends Error {}

/**
 * The body of a fetch response of version 11, as the client's own decoder gives it; `undefined` where that one has
 * to be asked (old message formats, compressed batches). That one computes offsets and times with BigInts and makes
 * a new headers object for each header, which cost as much as all other work on an event.
 */
export function decodeFetch(body: Buffer): FetchResponse | undefined {
  try {
    return new FetchDecoder(body).response();
  } catch (error) {
    // Reading past the end is a RangeError of node's own kind.
    if (error instanceof NotPlain || (error as NodeJS.ErrnoException).code?.startsWith('ERR_'))
      return undefined;
    throw error;
  }
}

class FetchDecoder {
  #at = 0;

  constructor(private readonly body: Buffer) {}

  response(): FetchResponse {
    const clientSideThrottleTime = this.#int32();
    const errorCode = this.#int16();
    const sessionId = this.#int32();
    const responses = this.#array(() => ({
      topicName: this.#string(),
      partitions: this.#array(() => this.#partition()),
    }));
    // 0: the broker has not waited itself; the client is to wait as long as `clientSideThrottleTime` says.
    return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
  }

  #partition(): FetchedPartition {
    return {
      partition: this.#int32(),
      errorCode: this.#int16(),
      highWatermark: this.#int64(),
      lastStableOffset: this.#int64(),
      lastStartOffset: this.#int64(),
      abortedTransactions: this.#array(() => ({ producerId: this.#int64(), firstOffset: this.#int64() })),
      preferredReadReplica: this.#int32(),
      messages: this.#records(),
    };
  }

  #records(): FetchedRecord[] {
    const size = this.#int32();
    const records: FetchedRecord[] = [];
    if (size <= 0) return records;
    const end = this.#at + size;
    if (end > this.body.length) throw new NotPlain();
    // A broker cuts the last batch off where the fetch is full.
    while (end - this.#at >= LEAST_BATCH) {
      const batchEnd = this.#at + 12 + this.body.readInt32BE(this.#at + 8);
      if (batchEnd > end) break;
      this.#batch(batchEnd, records);
    }
    this.#at = end;
    return records;
  }

  #batch(end: number, records: FetchedRecord[]): void {
    const { body } = this;
    const start = this.#at;
    const attributes = body.readInt16BE(start + 21);
    if (body[start + MAGIC_AT] !== 2 || attributes & COMPRESSION) throw new NotPlain();
    const context = {
      firstOffset: this.#int64At(start),
      firstTimestamp: this.#int64At(start + 27),
      partitionLeaderEpoch: body.readInt32BE(start + 12),
      inTransaction: (attributes & TRANSACTIONAL) > 0,
      isControlBatch: (attributes & CONTROL) > 0,
      lastOffsetDelta: body.readInt32BE(start + 23),
      producerId: this.#int64At(start + 43),
      producerEpoch: body.readInt16BE(start + 51),
      firstSequence: body.readInt32BE(start + 53),
      maxTimestamp: this.#int64At(start + 35),
      timestampType: attributes & LOG_APPEND_TIME ? 1 : 0,
      magicByte: 2,
    };
    const firstOffset = safe(context.firstOffset);
    const firstTime = safe(context.firstTimestamp);
    const appendTime = context.timestampType === 1 ? context.maxTimestamp : undefined;
    const count = body.readInt32BE(start + 57);
    this.#at = start + BATCH_HEAD;
    for (let nth = 0; nth < count; nth += 1) {
      const recordEnd = this.#varint() + this.#at;
      if (!(recordEnd <= end)) throw new NotPlain();
      const recordAttributes = body.readInt8(this.#at++);
      const timeDelta = this.#varint();
      const offsetDelta = this.#varint();
      records.push({
        magicByte: 2,
        attributes: recordAttributes,
        timestamp: appendTime ?? String(firstTime + timeDelta),
        offset: String(firstOffset + offsetDelta),
        key: this.#bytes(),
        value: this.#bytes(),
        headers: this.#headers(),
        isControlRecord: context.isControlBatch,
        batchContext: context,
      });
      this.#at = recordEnd;
    }
    this.#at = end;
  }

  #headers(): FetchedRecord['headers'] {
    const headers: FetchedRecord['headers'] = {};
    for (let left = this.#varint(); left > 0; left -= 1) {
      const length = this.#varint();
      const name = this.body.toString('utf8', this.#at, (this.#at += length));
      const value = this.#bytes();
      if (name === '__proto__') throw new NotPlain();
      const held = Object.hasOwn(headers, name) ? headers[name] : undefined;
      if (held === undefined) headers[name] = value;
      else headers[name] = Array.isArray(held) ? [...held, value] : [held, value];
    }
    return headers;
  }

  #bytes(): Buffer | null {
    const length = this.#varint();
    return length < 0 ? null : this.body.subarray(this.#at, (this.#at += length));
  }

  /** Zigzag; exact up to 53 bits, which times and offsets do not exceed. */
  #varint(): number {
    let byte = this.body[this.#at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    let factor = 0x80;
    do {
      byte = this.body[this.#at++]!;
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #array<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.#int32(); left > 0; left -= 1) items.push(item());
    return items;
  }

  #string(): string | null {
    const length = this.#int16();
    return length < 0 ? null : this.body.toString('utf8', this.#at, (this.#at += length));
  }

  #int16(): number {
    return this.body.readInt16BE((this.#at += 2) - 2);
  }

  #int32(): number {
    return this.body.readInt32BE((this.#at += 4) - 4);
  }

  #int64(): string {
    return this.#int64At((this.#at += 8) - 8);
  }

  #int64At(at: number): string {
    return String(this.body.readBigInt64BE(at));
  }
}

function safe(digits: string): number {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) throw new NotPlain();
  return value;
}
