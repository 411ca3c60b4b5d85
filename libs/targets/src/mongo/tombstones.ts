import type { Version } from '@tributary/change-event';
import { type mongo } from 'mongoose';
import { Long } from '../mapping/bson';
import { runBulk, type Statement, type TargetCollection } from './guarded-bulk';
import { mongoTrouble } from './mongo-error';
import { TOMBSTONES } from './own-collections';

const UPSERT_TRIES = 5;

export interface BuriedRow {
  readonly keyText: string;
  readonly version: Version;
}

/** The tombstones of one collection's rows (R6). */
export class Tombstones {
  readonly #tombstones: mongo.Collection<{ _id: string; v: Long; at: Date }>;
  readonly #prefix: string;

  constructor(target: TargetCollection, client: mongo.MongoClient) {
    this.#tombstones = client.db(target.dbName).collection(TOMBSTONES);
    this.#prefix = `${target.collectionName}:`;
  }

  /** Notes that rows are gone as of a version; an older note never replaces a newer one. */
  async put(rows: readonly BuriedRow[]): Promise<void> {
    let left: Statement[] = rows.map(({ keyText, version }) => ({
      updateOne: {
        // One that holds no version matches nothing, collides, and is taken away before the next try.
        filter: { _id: (this.#prefix + keyText) as never, v: { $type: 'long' } },
        // The server's time, by which it also ends: a client's clock could end it early, and R6 with it.
        update: { $max: { v: Long.fromBigInt(BigInt(version)) }, $currentDate: { at: true } },
        upsert: true,
      },
    }));
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (attempt === 2) await this.#removeMisshapen(rows);
      const { faults } = await runBulk(this.#tombstones as unknown as TargetCollection, left);
      // Two instances may create one tombstone at a time: the later one finds it at its next try.
      const [fault] = faults.values();
      if (fault && (attempt === UPSERT_TRIES || fault.kind === 'row'))
        throw mongoTrouble(new Error(`a tombstone cannot be written: ${fault.rejection.reason}`));
      left = left.filter((_statement, place) => faults.has(place));
    }
  }

  /**
   * Of rows that were just written, those that a delete of the same or a newer version outranks, with that version.
   * Most batches are newer than every tombstone, which one look at the index on `v` tells.
   */
  async outranking(rows: readonly BuriedRow[]): Promise<Map<string, Long>> {
    const oldest = rows.reduce((least, { version }) => (version < least ? version : least), rows[0]!.version);
    try {
      const newer = { v: { $gte: Long.fromBigInt(BigInt(oldest)) } };
      if (!(await this.#tombstones.findOne(newer, { projection: { _id: 1 } }))) return new Map();
      const versions = await this.versions(rows.map(({ keyText }) => keyText));
      return new Map(
        rows.flatMap(({ keyText, version }) => {
          const v = versions.get(keyText);
          return v !== undefined && v.toBigInt() >= BigInt(version) ? [[keyText, v] as const] : [];
        }),
      );
    } catch (error) {
      throw mongoTrouble(error);
    }
  }

  async #removeMisshapen(rows: readonly BuriedRow[]): Promise<void> {
    const ids = rows.map(({ keyText }) => this.#prefix + keyText);
    try {
      await this.#tombstones.deleteMany({ _id: { $in: ids }, v: { $not: { $type: 'long' } } });
    } catch (error) {
      throw mongoTrouble(error);
    }
  }

  /** Of these rows, by key text, the versions of those that have a tombstone. */
  async versions(keyTexts: readonly string[]): Promise<Map<string, Long>> {
    try {
      const found = await this.#tombstones
        .find({ _id: { $in: keyTexts.map((keyText) => this.#prefix + keyText) } }, { promoteLongs: false })
        .toArray();
      return new Map(
        found.flatMap(({ _id, v }) =>
          v instanceof Long ? [[_id.slice(this.#prefix.length), v] as const] : [],
        ),
      );
    } catch (error) {
      throw mongoTrouble(error);
    }
  }
}
