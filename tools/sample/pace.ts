import { setTimeout as sleep } from 'node:timers/promises';

/** Spreads work of several writers evenly over time; without a rate it never waits. */
export class Pace {
  readonly #msPerUnit: number;
  #slot = performance.now();

  constructor(perSecond?: number) {
    this.#msPerUnit = perSecond ? 1000 / perSecond : 0;
  }

  /** Waits until `units` of work done just now fit the rate. Lost time is made up for by at most a second. */
  async after(units: number): Promise<void> {
    if (this.#msPerUnit === 0) return;
    const now = performance.now();
    this.#slot = Math.max(this.#slot, now - 1000) + units * this.#msPerUnit;
    if (this.#slot > now) await sleep(this.#slot - now);
  }
}
