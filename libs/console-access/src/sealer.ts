import { defaults, seal, unseal } from 'iron-webcrypto';

/** Of CONSOLE_SECRET, characters. */
export const LEAST_SECRET = 32;

/** What a sealed text is good for; one that was sealed for another purpose does not open. */
type Purpose = 'session' | 'token' | 'login';

/** Makes texts that only the holder of the secret can read, make or change, and that end by themselves. */
export class Sealer {
  /** Throws a RangeError when the secret is shorter than `LEAST_SECRET` characters. */
  constructor(private readonly secret: string) {
    if (secret.length < LEAST_SECRET)
      throw new RangeError(`the secret is shorter than ${LEAST_SECRET} characters`);
  }

  seal(purpose: Purpose, content: unknown, lifeMs: number): Promise<string> {
    return seal({ purpose, content }, this.secret, { ...defaults, ttl: lifeMs, timestampSkewSec: 0 });
  }

  /** `undefined` for whatever is no seal of this secret and purpose, or is past its life. */
  async open(purpose: Purpose, sealed: string): Promise<unknown> {
    try {
      const opened = await unseal(sealed, this.secret, { ...defaults, timestampSkewSec: 0 });
      const { purpose: meant, content } = opened as { purpose?: unknown; content?: unknown };
      return meant === purpose ? content : undefined;
    } catch {
      return undefined;
    }
  }
}
