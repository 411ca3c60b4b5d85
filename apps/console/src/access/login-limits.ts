import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ApiProblem } from '../http/api-problem';

const MINUTES = 15;

/** How often somebody may try to log in: slow enough that guessing leads nowhere. */
@Injectable()
export class LoginLimits {
  readonly #byAddress = new RateLimiterMemory({ keyPrefix: 'address', points: 50, duration: MINUTES * 60 });
  readonly #byBoth = new RateLimiterMemory({ keyPrefix: 'both', points: 10, duration: MINUTES * 60 });
  /** Against guesses from many addresses. So many that nobody is easily kept out by another's guesses. */
  readonly #byName = new RateLimiterMemory({ keyPrefix: 'name', points: 200, duration: MINUTES * 60 });

  /** Counts a try before it is judged, so that many at once are not more. Throws a problem 429. */
  async count(address: string, name: string): Promise<void> {
    // First by address: names are without number.
    for (const [limiter, key] of [
      [this.#byAddress, address],
      [this.#byBoth, `${address} ${name}`],
      [this.#byName, name],
    ] as const)
      await limiter.consume(key).catch((over: unknown) => {
        if (!(over instanceof RateLimiterRes)) throw over;
        const seconds = Math.ceil(over.msBeforeNext / 1_000);
        throw new ApiProblem(
          429,
          'TOO_MANY_LOGINS',
          `Too many logins have failed: try again in ${seconds} s.`,
          undefined,
          {
            'retry-after': String(seconds),
          },
        );
      });
  }

  /** A try that was right is none of these. */
  async forget(address: string, name: string): Promise<void> {
    await this.#byAddress.reward(address);
    await this.#byBoth.delete(`${address} ${name}`);
    await this.#byName.reward(name);
  }
}
