import { setTimeout as sleep } from 'node:timers/promises';

/** Sleeps shorter than this are left out until they add up. */
const SHORTEST_MS = 5;

/** Keeps work at a rate; what was lost while there was no work is not made up for later. */
export class Pace {
  #freeAt = 0;

  constructor(
    readonly perSecond: number,
    private readonly signal?: AbortSignal,
  ) {}

  /** Notes `count` things done, and waits until the next may be; ends early, without error, when `signal` aborts. */
  async did(count: number): Promise<void> {
    this.#freeAt = Math.max(this.#freeAt, performance.now()) + (count * 1000) / this.perSecond;
    const early = this.#freeAt - performance.now();
    if (early > SHORTEST_MS) await sleep(early, undefined, { signal: this.signal }).catch(() => undefined);
  }
}
