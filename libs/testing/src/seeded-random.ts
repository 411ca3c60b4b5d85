/**
 * Pseudo-random numbers that follow from a seed alone (mulberry32), so that a seed reproduces a test's schedule.
 * `fork` gives independent streams by name: what one part draws never shifts what another one gets.
 */
export class SeededRandom {
  #state: number;

  constructor(private readonly seed: number) {
    this.#state = seed >>> 0;
  }

  fork(name: string): SeededRandom {
    let hash = this.seed >>> 0;
    for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
    return new SeededRandom(Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0);
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)]!;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let at = result.length - 1; at > 0; at -= 1) {
      const other = this.integer(0, at);
      [result[at], result[other]] = [result[other]!, result[at]!];
    }
    return result;
  }
}
