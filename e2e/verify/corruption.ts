import type { SeededRandom } from '@tributary/testing';
import { mongo } from 'mongoose';
import type { Pipeline } from '../support/pipeline';

/** What `verify` must name, as `target kind id`. */
export type Named = string;

export const mongoId = (id: number) => `{"$numberInt":"${id}"}`;
const STRANGER = 100_000_000;

/** Damages `each` rows of every kind in both targets, by hand and at random, none of them twice. */
export class Corruption {
  readonly #named: Named[] = [];
  readonly #rows: number[];

  constructor(
    private readonly pipeline: Pipeline,
    /** Ids that nobody changes meanwhile. */
    ids: readonly number[],
    private readonly each: number,
    random: SeededRandom,
  ) {
    this.#rows = random.shuffled(ids);
  }

  /** How many ids a corruption of `each` rows takes. */
  static readonly KINDS = 9;

  /** Gives what must be named, sorted. */
  async apply(): Promise<Named[]> {
    await this.#mongo();
    await this.#redis();
    return this.#named.sort();
  }

  async #mongo(): Promise<void> {
    const { each } = this;
    const collection = this.pipeline.collection('t');
    const writes: mongo.AnyBulkWriteOperation[] = [];
    const set = (id: number, update: object) =>
      writes.push({ updateOne: { filter: { _id: id as never }, update } });
    for (const id of this.#take('mongo', 'different')) set(id, { $set: { name: `changed ${id}` } });
    // Pairs with the same change: digests that combine by XOR would not see them.
    for (const id of this.#take('mongo', 'different')) set(id, { $inc: { n: 7 } });
    for (const id of this.#take('mongo', 'missing'))
      writes.push({ deleteOne: { filter: { _id: id as never } } });
    const stale = this.#take('mongo', 'stale');
    for (const id of stale)
      set(id, { $set: { name: 'an older state', '_sync.v': mongo.Long.fromNumber(1) } });
    for (let id = STRANGER; id < STRANGER + each; id += 1) {
      this.#named.push(`mongo extra ${mongoId(id)}`);
      const document = { _id: id as never, name: 'stranger', _sync: { v: mongo.Long.ONE, at: new Date() } };
      writes.push({ insertOne: { document } });
    }
    for (let at = 0; at < writes.length; at += 500)
      await collection.bulkWrite(writes.slice(at, at + 500) as never[], { ordered: false });
  }

  async #redis(): Promise<void> {
    const { redis, database } = this.pipeline;
    const index = `${database}:t`;
    const key = (id: number) => `${index}:${id}`;
    const changes = redis.pipeline();
    for (const id of this.#take('redis', 'different')) changes.hset(key(id), 'name', `changed ${id}`);
    for (const id of this.#take('redis', 'different')) changes.hincrby(key(id), 'n', 7);
    for (const id of this.#take('redis', 'missing')) changes.del(key(id));
    for (const id of this.#take('redis', 'stale'))
      changes.hset(key(id), { name: 'an older state', _v: '1'.padStart(19, '0') });
    for (const id of this.#take('redis', 'index')) changes.srem(index, String(id));
    // Other keys than in MongoDB: the repair of one target would mend the other as well.
    for (let id = 2 * STRANGER; id < 2 * STRANGER + this.each; id += 1) {
      changes.hset(key(id), { name: 'stranger', _v: '1'.padStart(19, '0') });
      // Half of them are in the index set too.
      if (id % 2 === 0) changes.sadd(index, String(id));
      changes.sadd(index, String(id + STRANGER));
      this.#named.push(`redis extra ${key(id)}`, `redis index ${key(id + STRANGER)}`);
    }
    await changes.exec();
  }

  #take(target: 'mongo' | 'redis', kind: string): number[] {
    const ids = this.#rows.splice(0, this.each);
    const nameOf = (id: number) => (target === 'mongo' ? mongoId(id) : `${this.pipeline.database}:t:${id}`);
    for (const id of ids) this.#named.push(`${target} ${kind} ${nameOf(id)}`);
    return ids;
  }
}
