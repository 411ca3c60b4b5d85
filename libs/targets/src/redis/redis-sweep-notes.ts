import type { Redis } from 'ioredis';
import type { SweepNoteStore } from '../sweep/sweep-notes';
import { redisTrouble } from './redis-error';
import { evaluate } from './scripts/evaluate';
import { replaceField } from './scripts/replace-field';

/** Sweep states in the hash `tributary:sweeps:<group>`, one field for each table. */
export class RedisSweepNotes implements SweepNoteStore {
  readonly #key: string;

  constructor(
    private readonly redis: Redis,
    group: string,
  ) {
    this.#key = `tributary:sweeps:${group}`;
  }

  tables(): Promise<string[]> {
    return this.#guard(() => this.redis.hkeys(this.#key));
  }

  read(table: string): Promise<string | null> {
    return this.#guard(() => this.redis.hget(this.#key, table));
  }

  replace(table: string, before: string | null, after: string): Promise<boolean> {
    const args = [this.#key, table, before ?? '', after];
    return this.#guard(async () => (await evaluate(this.redis, replaceField, 1, args)) === 1);
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw redisTrouble(error);
    }
  }
}
