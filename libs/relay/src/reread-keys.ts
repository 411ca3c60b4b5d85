/** 2^23 bits, one MiB: with a million keys one of eight others is taken for one of them. */
const BITS = 23;
const WORDS = 2 ** (BITS - 5);

/**
 * Keys whose row was read from its table instead of taken from the log. Such a row can be newer than entries of the
 * same key that still wait in the log, and their images would set it back for a moment; so those are read again as
 * well, until a read of the log that began after the row was read has found its end.
 * What is kept does not grow with their number (R13): a bit for each, by a hash of the key. A key that shares the bit of
 * another one is read again for nothing, which is right, too.
 */
export class RereadKeys {
  #bits: Uint32Array | null = null;
  /** Those of the present round, which is a batch of the log. */
  #recent: number[] = [];

  note(table: string, key: string): void {
    const bit = bitOf(table, key);
    this.#set(bit);
    this.#recent.push(bit);
  }

  get none(): boolean {
    return this.#bits === null;
  }

  has(table: string, key: string): boolean {
    if (this.#bits === null) return false;
    const bit = bitOf(table, key);
    return (this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  /** Ends a round of the loop; `drained`: its read found the log's end, so rows read in earlier rounds are covered. */
  endRound(drained: boolean): void {
    const recent = this.#recent;
    this.#recent = [];
    if (!drained) return;
    this.#bits = null;
    for (const bit of recent) this.#set(bit);
  }

  #set(bit: number): void {
    this.#bits ??= new Uint32Array(WORDS);
    this.#bits[bit >>> 5]! |= 1 << (bit & 31);
  }
}

/** FNV-1a, with its high bits mixed in. */
function bitOf(table: string, key: string): number {
  let hash = 0x811c9dc5;
  for (const text of [table, '\0', key])
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> (32 - BITS);
}
