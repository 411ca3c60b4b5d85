import { pause } from './pause';

interface RateOptions {
  /** Ends a wait early, without an error. */
  readonly signal?: AbortSignal;
  /** How much lost time is made up for by a burst; none when it is not given. */
  readonly makeUpMs?: number;
  /** Waits shorter than this are left out until they add up. */
  readonly shortestMs?: number;
}

/** Keeps work at a rate; `Infinity` never waits. */
export class RateLimiter {
  #freeAt = performance.now();

  constructor(
    readonly perSecond: number,
    private readonly options: RateOptions = {},
  ) {}

  /** Notes `count` things done, and waits until the next may be. */
  async did(count: number): Promise<void> {
    const { signal, makeUpMs = 0, shortestMs = 5 } = this.options;
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now - makeUpMs) + (count * 1000) / this.perSecond;
    const early = this.#freeAt - now;
    if (early > shortestMs) await pause(early, signal);
  }
}
