import { isNewer, type Version } from '@tributary/contract';
import { type mongo } from 'mongoose';
import { versionLong } from '../mapping';
import { Long } from '../mapping/bson';
import { runBulk, type Statement, type TargetCollection } from './guarded-bulk';
import { mongoTrouble } from './mongo-error';
import { TOMBSTONES } from './bookkeeping-collections';
import { ServerClock } from './server-clock';

const UPSERT_TRIES = 5;
/** So many tombstones, and a quarter of the batch, are cheaper to look through than to look for each row's own. */
const FEW = 10;

/** What is read of a tombstone; `v` is another value where somebody else wrote it. */
interface Note {
  readonly _id: string;
  readonly v: unknown;
}

export interface DeletedRow {
  readonly keyText: string;
  readonly version: Version;
}

/** The tombstones of one collection's rows (R6). */
export class Tombstones {
  readonly #tombstones: mongo.Collection<Note>;
  readonly #prefix: string;
  readonly #clock: ServerClock;
  /** Whether to insert first: most rows that are deleted have no tombstone yet. */
  #mostlyNew = true;

  constructor(target: TargetCollection, client: mongo.MongoClient) {
    this.#tombstones = client.db(target.dbName).collection(TOMBSTONES);
    this.#prefix = `${target.collectionName}:`;
    this.#clock = new ServerClock(client);
  }

  /** Notes that rows are gone as of a version; an older note never replaces a newer one. */
  async put(rows: readonly DeletedRow[]): Promise<void> {
    const at = this.#mostlyNew ? await this.#serverTime() : undefined;
    const known = at ? await this.#insert(rows, at) : rows;
    const created = rows.length - known.length + (await this.#raise(known));
    this.#mostlyNew = created * 2 > rows.length;
  }

  /** Returns the rows whose tombstone is there already, or could not be inserted for another reason. */
  async #insert(rows: readonly DeletedRow[], at: Date): Promise<DeletedRow[]> {
    const statements = rows.map(({ keyText, version }): Statement => {
      const document = { _id: this.#prefix + keyText, v: versionLong(version), at };
      return { insertOne: { document: document as never } };
    });
    const { faults } = await runBulk(this.#tombstones as unknown as TargetCollection, statements);
    return rows.filter((_row, place) => faults.has(place));
  }

  /** Lifts tombstones to these versions; returns how many were not there yet. */
  async #raise(rows: readonly DeletedRow[]): Promise<number> {
    let created = 0;
    let left: Statement[] = rows.map(({ keyText, version }) => ({
      updateOne: {
        // One that holds no version matches nothing, collides, and is taken away before the next try.
        filter: { _id: (this.#prefix + keyText) as never, v: { $type: 'long' } },
        // The server's time, by which it also ends: a client's clock could end it early, and R6 with it.
        update: { $max: { v: versionLong(version) }, $currentDate: { at: true } },
        upsert: true,
      },
    }));
    for (let attempt = 1; left.length > 0; attempt += 1) {
      if (attempt === 2) await this.#removeMisshapen(rows);
      const { faults, upserted } = await runBulk(this.#tombstones as unknown as TargetCollection, left);
      // Two instances may create one tombstone at a time: the later one finds it at its next try.
      const [fault] = faults.values();
      if (fault && (attempt === UPSERT_TRIES || fault.kind === 'row'))
        throw mongoTrouble(new Error(`a tombstone cannot be written: ${fault.rejection.reason}`));
      left = left.filter((_statement, place) => faults.has(place));
      created += upserted.size;
    }
    return created;
  }

  async #serverTime(): Promise<Date | undefined> {
    try {
      return await this.#clock.now();
    } catch (error) {
      throw mongoTrouble(error);
    }
  }

  /**
   * Of rows that were just written, those that a delete of the same or a newer version outranks, with that version.
   * Most batches are newer than nearly every tombstone: those that are not older than the batch are few, and one walk
   * from there on the index on `v` brings them.
   */
  async outranking(rows: readonly DeletedRow[]): Promise<Map<string, Long>> {
    const oldest = rows.reduce(
      (least, { version }) => (isNewer(least, version) ? version : least),
      rows[0]!.version,
    );
    const versions =
      (await this.#since(oldest, FEW + (rows.length >> 2))) ??
      (await this.versions(rows.map(({ keyText }) => keyText)));
    const outranked = new Map<string, Long>();
    if (versions.size > 0)
      for (const { keyText, version } of rows) {
        const v = versions.get(keyText);
        if (v !== undefined && v.toBigInt() >= BigInt(version)) outranked.set(keyText, v);
      }
    return outranked;
  }

  /** Tombstones of this version and newer ones, by key text; `undefined` when there are more than `most`. */
  async #since(version: Version, most: number): Promise<Map<string, Long> | undefined> {
    const found = await this.#find({ v: { $gte: versionLong(version) } }, most + 1);
    return found.length > most ? undefined : this.#byKeyText(found);
  }

  async #removeMisshapen(rows: readonly DeletedRow[]): Promise<void> {
    const ids = rows.map(({ keyText }) => this.#prefix + keyText);
    try {
      await this.#tombstones.deleteMany({ _id: { $in: ids }, v: { $not: { $type: 'long' } } });
    } catch (error) {
      throw mongoTrouble(error);
    }
  }

  /** Of these rows, by key text, the versions of those that have a tombstone. */
  async versions(keyTexts: readonly string[]): Promise<Map<string, Long>> {
    const ids = keyTexts.map((keyText) => this.#prefix + keyText);
    return this.#byKeyText(await this.#find({ _id: { $in: ids } }, ids.length));
  }

  /** In one answer of the server. */
  async #find(filter: mongo.Filter<Note>, limit: number): Promise<Note[]> {
    const options = { projection: { v: 1 }, promoteLongs: false, limit, batchSize: limit + 1 } as const;
    try {
      return await this.#tombstones.find(filter, options).toArray();
    } catch (error) {
      throw mongoTrouble(error);
    }
  }

  /** Those of this collection that hold a version. */
  #byKeyText(found: readonly Note[]): Map<string, Long> {
    const versions = new Map<string, Long>();
    for (const { _id, v } of found)
      if (v instanceof Long && _id.startsWith(this.#prefix)) versions.set(_id.slice(this.#prefix.length), v);
    return versions;
  }
}
