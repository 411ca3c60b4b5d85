/** Reads forward what Kafka writes, within bounds. Throws an Error (never a RangeError) where the bytes end too early. */
export class BytesReader {
  constructor(
    readonly bytes: Buffer,
    /** Where the next number begins. */
    public at = 0,
    readonly end = bytes.length,
  ) {}

  int8(): number {
    return this.bytes.readInt8(this.#take(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#take(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.#take(8));
  }

  /** A zigzag varint of 32 bits. */
  varint(): number {
    let raw = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.at >= this.end) throw tooShort();
      const byte = this.bytes[this.at++]!;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    throw new Error('a number has too many bytes');
  }

  /** A zigzag varint of 64 bits. */
  varlong(): bigint {
    let raw = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.at >= this.end) throw tooShort();
      const byte = this.bytes[this.at++]!;
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n));
    }
    throw new Error('a number has too many bytes');
  }

  /** Passes over a varint of up to 64 bits. */
  skipVarlong(): void {
    for (let bytes = 1; bytes <= 10; bytes += 1) {
      if (this.at >= this.end) throw tooShort();
      if (this.bytes[this.at++]! < 0x80) return;
    }
    throw new Error('a number has too many bytes');
  }

  /** Passes over so many bytes. */
  skip(length: number): void {
    this.#take(length);
  }

  /** A text with its length in 16 bits before it; `null` for the length -1. */
  string(): string | null {
    const length = this.int16();
    if (length === -1) return null;
    const start = this.#take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  /** So many items as 32 bits before them say. */
  array<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left -= 1) items.push(item());
    return items;
  }

  #take(length: number): number {
    const start = this.at;
    if (length < 0 || length > this.end - start) throw tooShort();
    this.at = start + length;
    return start;
  }
}

const tooShort = () => new Error('the bytes end too early');
