import type { WireRow } from '@tributary/contract';

/** Bounds of what is kept (R13). */
const MOST_ROWS = 1_000;
const MOST_BYTES = 16 << 10;

/** The last image of the rows that changed last, so that the next change of one can be told by column. */
export class LastImages {
  readonly #images = new Map<string, WireRow>();

  /** Keeps the new image of a row and gives the one before; `undefined`: it is not known. */
  exchange(key: string, image: WireRow | null, bytes: number): WireRow | undefined {
    const known = this.#images.get(key);
    this.#images.delete(key);
    if (image && bytes <= MOST_BYTES) this.#images.set(key, image);
    if (this.#images.size > MOST_ROWS) this.#images.delete(this.#images.keys().next().value!);
    return known;
  }
}
