import type { Redis } from 'ioredis';
import type { Advance, PositionStore, TopicIdStore } from '../sink/position-keeper';
import { redisTrouble } from './redis-error';
import { advancePosition } from './scripts/advance-position';
import { evaluate } from './scripts/evaluate';

/** The field for the topic's id. */
const TOPIC = 'topic';

/** Applied positions in the hash `tributary:positions:<group>`, one field for each partition of the group's topic. */
export class RedisPositions implements PositionStore, TopicIdStore {
  readonly #key: string;

  constructor(
    private readonly redis: Redis,
    group: string,
  ) {
    this.#key = `tributary:positions:${group}`;
  }

  async read(partitions: readonly number[]): Promise<Map<number, bigint>> {
    if (partitions.length === 0) return new Map();
    return this.#guard(async () => {
      const found = await this.redis.hmget(this.#key, ...partitions.map(String));
      return new Map(
        partitions.flatMap((partition, at) => {
          const text = found[at];
          return text === null || text === undefined ? [] : [[partition, BigInt(text)] as const];
        }),
      );
    });
  }

  async advance(partition: number, expected: bigint | null, next: bigint): Promise<Advance> {
    return this.#guard(async () => {
      const args = [this.#key, String(partition), expected === null ? '' : String(expected), String(next)];
      const result = await evaluate(this.redis, advancePosition, 1, args);
      if (result === 1) return { done: true };
      return { done: false, stands: result === '' ? null : BigInt(String(result)) };
    });
  }

  async put(partition: number, next: bigint): Promise<void> {
    await this.#guard(() => this.redis.hset(this.#key, String(partition), String(next)));
  }

  async topicId(): Promise<string | null> {
    return this.#guard(() => this.redis.hget(this.#key, TOPIC));
  }

  async putTopicId(topicId: string): Promise<void> {
    await this.#guard(() => this.redis.hset(this.#key, TOPIC, topicId));
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw redisTrouble(error);
    }
  }
}
