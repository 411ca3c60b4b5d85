/** What has been opened so far: all of it ends, the last first, also where a further part could not be opened. */
export class Opened {
  readonly #ends: (() => unknown)[] = [];

  add<T>(part: T, end: (part: T) => unknown): T {
    this.#ends.push(() => end(part));
    return part;
  }

  /** Never throws: what is broken already has nothing to say that matters beside why it ends. */
  async end(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse())
      try {
        await end();
      } catch {
        // It is gone.
      }
  }
}
