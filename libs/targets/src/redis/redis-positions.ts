import type { Redis } from 'ioredis';
import type { Advance, PositionStore, Refused, TopicIdStore } from '../sink/position-keeper';
import { redisTrouble } from './redis-error';
import { advancePositions } from './scripts/advance-positions';

/** The field for the topic's id. */
const TOPIC = 'topic';

/** Applied positions in the hash `tributary:positions:<group>`, one field for each partition of the group's topic. */
export class RedisPositions implements PositionStore, TopicIdStore {
  readonly #key: string;
  #connection = 0;

  constructor(
    private readonly redis: Redis,
    group: string,
  ) {
    this.#key = `tributary:positions:${group}`;
    redis.on('connect', () => (this.#connection += 1));
  }

  /** Counts them: what a server had acknowledged may be gone with it (replicas follow late, a log is synced each second). */
  get connection(): number {
    return this.#connection;
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

  async advance(moves: readonly Advance[]): Promise<Refused> {
    return this.#guard(async () => {
      const args = moves.flatMap(({ partition, expected, next }) => [partition, expected ?? '', next]);
      // By its text, not by its hash: one call, so that it runs on the connection of this moment or fails.
      const results = (await this.redis.eval(
        ...([advancePositions.lua, 1, this.#key] as const),
        ...args.map(String),
      )) as (1 | string)[];
      const refused = moves.flatMap(({ partition }, nth): [number, bigint | null][] => {
        const stands = results[nth]!;
        return stands === 1 ? [] : [[partition, stands === '' ? null : BigInt(stands)]];
      });
      return new Map(refused);
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
