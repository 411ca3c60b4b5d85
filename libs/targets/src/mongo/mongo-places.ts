import type { Connection, mongo } from 'mongoose';
import { mongo as driver } from 'mongoose';
import { parseOwners, type PlaceBook, type PlaceStore } from '../places/place-store';
import type { Place, PlaceRecord } from '../places/place';
import { mongoTrouble, nameRefusal } from './mongo-error';
import { bookkeepingDatabase, PLACES } from './bookkeeping-collections';

interface StoredPlace {
  /** `<database>.<collection>`, or `group <consumer group>`. */
  readonly _id: string;
  /** JSON of `PlaceOwner[]`: a text is compared as a whole, whatever server it is. */
  readonly owners: string;
  readonly at: Date;
}

const DUPLICATE_KEY = 11_000;
const GROUP = 'group ';

/** Owners in `_tributary_places` of each target database, beside its tombstones: whoever writes there sees them. */
export class MongoPlaces implements PlaceStore {
  readonly #client: mongo.MongoClient;

  constructor(connection: Pick<Connection, 'getClient'>) {
    this.#client = connection.getClient();
  }

  near(place: Place): Promise<PlaceBook> {
    return this.#guard(place.database, { records: [], mark: null }, async () => {
      const found = await this.#places(place.database).findOne({ _id: place.id });
      return found ? { records: [recordOf(found)], mark: found.owners } : { records: [], mark: null };
    });
  }

  write(place: Place, records: readonly PlaceRecord[], mark: string | null): Promise<boolean> {
    const owners = records.find(({ id }) => id === place.id)?.owners;
    // Where nothing can be written there is nothing to own: the rows are refused one by one.
    return this.#guard(place.database, true, async () => {
      const places = this.#places(place.database);
      const _id = place.id;
      if (!owners || owners.length === 0)
        return mark === null || (await places.deleteOne({ _id, owners: mark })).deletedCount === 1;
      const stored = { owners: JSON.stringify(owners), at: new Date() };
      if (mark !== null)
        return (await places.updateOne({ _id, owners: mark }, { $set: stored })).matchedCount === 1;
      try {
        await places.insertOne({ _id, ...stored });
        return true;
      } catch (error) {
        if (error instanceof driver.MongoServerError && error.code === DUPLICATE_KEY) return false;
        throw error;
      }
    });
  }

  async all(databases: readonly string[]): Promise<PlaceRecord[]> {
    const found: PlaceRecord[] = [];
    for (const database of new Set(databases))
      found.push(
        ...(await this.#guard(database, [], async () => {
          const stored = await this.#places(database).find({}).toArray();
          return stored.filter(({ _id }) => !String(_id).startsWith(GROUP)).map(recordOf);
        })),
      );
    return found;
  }

  groupPlace(group: string): Place {
    return { id: GROUP + group, database: bookkeepingDatabase(this.#client), keys: [] };
  }

  #places(database: string): mongo.Collection<StoredPlace> {
    return this.#client.db(database).collection<StoredPlace>(PLACES);
  }

  async #guard<T>(database: string, unnamable: T, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (nameRefusal(`${database}.${PLACES}`, error)) return unnamable;
      throw mongoTrouble(error);
    }
  }
}

const recordOf = ({ _id, owners }: StoredPlace): PlaceRecord => ({
  id: _id,
  keys: [],
  owners: parseOwners(owners),
});
