import { createHash } from 'node:crypto';
import { redisIndexMember, redisKey, UnmappableError } from '../../mapping';
import type { Redis } from 'ioredis';
import { DIGEST, digestHead, digestScript, expectedDigest } from './redis-digest';
import type { ViewedRow, ViewedTable } from '../../target-view';

/** Rows of one call: Redis serves nobody else while a script runs. */
const CALL_ROWS = 100;
const sha = createHash('sha1').update(digestScript).digest('hex');

type Reply = readonly [error: Error | null, result: unknown];

interface Call {
  readonly rows: ViewedRow[];
  readonly digests: string[];
  readonly keys: string[];
  readonly members: string[];
}

/** Compares rows with Redis by digests: of a row that is equal, 40 characters cross the network. */
export class RedisDigests {
  readonly #head: readonly string[];

  constructor(
    private readonly plan: ViewedTable,
    private readonly redis: Redis,
  ) {
    this.#head = digestHead(plan);
  }

  /** The rows whose digests differ, and those that have none. Throws what Redis answers when it refuses scripts. */
  async candidates(rows: readonly ViewedRow[]): Promise<ViewedRow[]> {
    const { schema, settings } = this.plan;
    const candidates: ViewedRow[] = [];
    const calls: Call[] = [];
    for (const row of rows)
      try {
        const digest = expectedDigest(schema, settings, row.row);
        let call = calls.at(-1);
        if (!call || call.rows.length >= CALL_ROWS)
          calls.push((call = { rows: [], digests: [], keys: [settings.redis.index], members: [] }));
        call.rows.push(row);
        call.digests.push(digest);
        call.keys.push(redisKey(settings, schema, row.row));
        call.members.push(redisIndexMember(settings, schema, row.row));
      } catch (error) {
        if (!(error instanceof UnmappableError)) throw error;
        candidates.push(row);
      }
    for (const [at, held] of (await this.#send(calls)).entries()) {
      const { rows: asked, digests } = calls[at]!;
      if (held !== digests.join(''))
        candidates.push(...asked.filter((_, n) => held.slice(n * DIGEST, (n + 1) * DIGEST) !== digests[n]));
    }
    return candidates;
  }

  async #send(calls: readonly Call[]): Promise<string[]> {
    const first = await this.#replies(calls, true);
    const unknown = first.flatMap(([error], at) => (error?.message.startsWith('NOSCRIPT') ? [at] : []));
    const second = await this.#replies(
      unknown.map((at) => calls[at]!),
      false,
    );
    for (const [nth, at] of unknown.entries()) first[at] = second[nth]!;
    return first.map(([error, digests]) => {
      if (error) throw error;
      return digests as string;
    });
  }

  async #replies(calls: readonly Call[], byHash: boolean): Promise<Reply[]> {
    if (calls.length === 0) return [];
    const pipeline = this.redis.pipeline();
    for (const { keys, members } of calls) {
      const args = [...keys, ...this.#head, ...members];
      if (byHash) pipeline.evalsha(sha, keys.length, ...args);
      else pipeline.eval(digestScript, keys.length, ...args);
    }
    return ((await pipeline.exec()) ?? []) as Reply[];
  }
}
