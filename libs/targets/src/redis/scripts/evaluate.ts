import type { Redis } from 'ioredis';
import type { Script } from './script';

/** Calls a script by its hash, and by its text where the server has not seen it yet. */
export async function evaluate(
  redis: Redis,
  { sha, lua }: Script,
  keys: number,
  args: readonly string[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return redis.eval(lua, keys, ...args);
  }
}
