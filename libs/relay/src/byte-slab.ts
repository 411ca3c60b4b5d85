/** Bytes of one slab. It lives for as long as one text in it does. */
const SLAB_BYTES = 256 << 10;
/** Longer texts have a buffer of their own. */
const MOST_BYTES = SLAB_BYTES >> 3;
/** UTF-8 bytes of a UTF-16 unit, at most. */
const GROWTH = 3;

/**
 * Writes texts as UTF-8 one behind the other. Node would ask for each how long it becomes before it writes it, and its
 * own pool holds a dozen events only.
 */
export class ByteSlab {
  #slab = Buffer.alloc(0);
  #at = 0;

  write(text: string): Buffer {
    const most = text.length * GROWTH;
    if (most > MOST_BYTES) return Buffer.from(text);
    if (this.#at + most > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += this.#slab.write(text, start);
    return this.#slab.subarray(start, this.#at);
  }
}
