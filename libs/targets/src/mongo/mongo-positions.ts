import type { Connection, mongo } from 'mongoose';
import { Long } from '../mapping/bson';
import type { Advance, PositionStore, Refused, TopicIdStore } from '../sink/position-keeper';
import { mongoTrouble } from './mongo-error';
import { bookkeepingDatabase, POSITIONS } from './bookkeeping-collections';

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
  /** Always the same: what a majority has acknowledged survives any failover. */
  readonly connection = 0;
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

  async advance(moves: readonly Advance[]): Promise<Refused> {
    return this.#guard(async () => {
      const at = new Date();
      const statements = moves.map(({ partition, expected, next }) => {
        const _id = this.#prefix + partition;
        const update = { $max: { next: Long.fromBigInt(next) }, $set: { at } };
        return expected === null
          ? { updateOne: { filter: { _id }, update, upsert: true } }
          : { updateOne: { filter: { _id, next: { $gte: Long.fromBigInt(expected) } }, update } };
      });
      const { matchedCount, upsertedCount } = await this.#positions.bulkWrite(statements, { ordered: false });
      if (matchedCount + upsertedCount === moves.length) return new Map();
      const stand = await this.read(moves.map(({ partition }) => partition));
      const refused = moves.flatMap(({ partition, next }): [number, bigint | null][] => {
        const stands = stand.get(partition) ?? null;
        return stands !== null && stands >= next ? [] : [[partition, stands]];
      });
      return new Map(refused);
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
