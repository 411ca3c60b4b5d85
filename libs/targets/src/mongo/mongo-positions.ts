import type { Connection, mongo } from 'mongoose';
import { Long } from '../mapping/bson';
import type { Advance, PositionStore, TopicIdStore } from '../sink/position-keeper';
import { mongoTrouble } from './mongo-error';
import { bookkeepingDatabase, POSITIONS } from './own-collections';

interface StoredPosition {
  readonly _id: string;
  readonly next: Long;
  readonly at: Date;
  /** Of the one that belongs to no partition. */
  readonly topicId?: string;
}

/**
 * Applied positions in `_tributary_positions`, in the bookkeeping database: they are lost and restored together with
 * the data.
 */
export class MongoPositions implements PositionStore, TopicIdStore {
  readonly #positions: mongo.Collection<StoredPosition>;
  readonly #prefix: string;

  constructor(connection: Connection, group: string, topic: string) {
    const client = connection.getClient();
    this.#positions = client.db(bookkeepingDatabase(client)).collection<StoredPosition>(POSITIONS);
    this.#prefix = `${group}:${topic}:`;
  }

  async read(partitions: readonly number[]): Promise<Map<number, bigint>> {
    return this.#guard(async () => {
      const ids = partitions.map((partition) => this.#prefix + partition);
      const found = await this.#positions.find({ _id: { $in: ids } }, { promoteLongs: false }).toArray();
      return new Map(
        found.map(({ _id, next }) => [Number(_id.slice(this.#prefix.length)), BigInt(next.toString())]),
      );
    });
  }

  async advance(partition: number, expected: bigint | null, next: bigint): Promise<Advance> {
    return this.#guard(async () => {
      const _id = this.#prefix + partition;
      const move = { $max: { next: Long.fromBigInt(next) }, $set: { at: new Date() } };
      if (expected === null) {
        await this.#positions.updateOne({ _id }, move, { upsert: true });
        return { done: true };
      }
      const least = { $gte: Long.fromBigInt(expected) };
      const { matchedCount } = await this.#positions.updateOne({ _id, next: least }, move);
      if (matchedCount > 0) return { done: true };
      const stands = (await this.read([partition])).get(partition) ?? null;
      return { done: false, stands };
    });
  }

  async put(partition: number, next: bigint): Promise<void> {
    await this.#guard(() =>
      this.#positions.updateOne(
        { _id: this.#prefix + partition },
        { $set: { next: Long.fromBigInt(next), at: new Date() } },
        { upsert: true },
      ),
    );
  }

  async topicId(): Promise<string | null> {
    return this.#guard(async () => (await this.#positions.findOne({ _id: this.#topic }))?.topicId ?? null);
  }

  async putTopicId(topicId: string): Promise<void> {
    const note = { $set: { topicId, at: new Date() } };
    await this.#guard(() => this.#positions.updateOne({ _id: this.#topic }, note, { upsert: true }));
  }

  get #topic(): string {
    return `${this.#prefix}topic`;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw mongoTrouble(error);
    }
  }
}
