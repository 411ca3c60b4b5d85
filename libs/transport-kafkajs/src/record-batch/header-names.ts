/** Names of headers by their places in a record: those of a batch are mostly the same, and a text costs more than a look. */
export class HeaderNames {
  readonly #names: string[] = [];
  readonly #bytes: Buffer[] = [];

  /** The name of the header number `nth`, which stands in `bytes` at `start`. */
  at(nth: number, bytes: Buffer, start: number, length: number): string {
    const before = this.#bytes[nth];
    if (before && isAt(before, bytes, start, length)) return this.#names[nth]!;
    const name = bytes.toString('utf8', start, start + length);
    this.#names[nth] = name;
    this.#bytes[nth] = bytes.subarray(start, start + length);
    return name;
  }
}

function isAt(text: Buffer, bytes: Buffer, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let at = 0; at < length; at += 1) if (text[at] !== bytes[start + at]) return false;
  return true;
}
