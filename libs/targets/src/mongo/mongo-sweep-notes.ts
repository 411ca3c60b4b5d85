import type { Connection, mongo } from 'mongoose';
import { mongo as driver } from 'mongoose';
import type { SweepNoteStore } from '../sweep/sweep-notes';
import { mongoTrouble } from './mongo-error';
import { bookkeepingDatabase, SWEEPS } from './bookkeeping-collections';

interface StoredSweep {
  /** `<group>:<table>`. */
  readonly _id: string;
  readonly group: string;
  readonly table: string;
  readonly state: string;
  readonly at: Date;
}

const DUPLICATE_KEY = 11_000;

/** Sweep states in `_tributary_sweeps`, beside the positions: lost and restored together with them. */
export class MongoSweepNotes implements SweepNoteStore {
  readonly #sweeps: mongo.Collection<StoredSweep>;

  constructor(
    connection: Connection,
    private readonly group: string,
  ) {
    const client = connection.getClient();
    this.#sweeps = client.db(bookkeepingDatabase(client)).collection<StoredSweep>(SWEEPS);
  }

  tables(): Promise<string[]> {
    return this.#guard(async () => {
      const found = await this.#sweeps.find({ group: this.group }, { projection: { table: 1 } }).toArray();
      return found.map(({ table }) => table);
    });
  }

  read(table: string): Promise<string | null> {
    return this.#guard(async () => (await this.#sweeps.findOne({ _id: this.#id(table) }))?.state ?? null);
  }

  replace(table: string, before: string | null, after: string): Promise<boolean> {
    const { group } = this;
    const note = { group, table, state: after, at: new Date() };
    return this.#guard(async () => {
      if (before !== null) {
        const filter = { _id: this.#id(table), state: before };
        return (await this.#sweeps.updateOne(filter, { $set: note })).matchedCount === 1;
      }
      try {
        await this.#sweeps.insertOne({ _id: this.#id(table), ...note });
        return true;
      } catch (error) {
        if (error instanceof driver.MongoServerError && error.code === DUPLICATE_KEY) return false;
        throw error;
      }
    });
  }

  #id(table: string): string {
    return `${this.group}:${table}`;
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw mongoTrouble(error);
    }
  }
}
