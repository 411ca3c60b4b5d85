import type { mongo } from 'mongoose';

/** Tombstones outlive every dead letter and every snapshot that could bring a deleted row back (R6). */
const TOMBSTONE_DAYS = 14;
const DAY_SECONDS = 86_400;

export const TOMBSTONES = '_tributary_tombstones';
export const POSITIONS = '_tributary_positions';
export const SWEEPS = '_tributary_sweeps';
export const PLACES = '_tributary_places';

const DEFAULT_DATABASE = 'tributary';

/** Where positions and sweeps are noted: the database that MONGODB_URI names, else `tributary`. */
export function bookkeepingDatabase({ options }: mongo.MongoClient): string {
  return options.dbName && options.dbName !== 'test' ? options.dbName : DEFAULT_DATABASE;
}

/**
 * Creates the tombstone collection of a target database with its indexes, if it is not there. By the driver: what
 * Mongoose makes for another database while the server is away has nothing to ask until it is told of a reconnect.
 */
export async function prepareTombstones(client: mongo.MongoClient, database: string): Promise<void> {
  await client
    .db(database)
    .collection(TOMBSTONES)
    .createIndexes([{ key: { v: 1 } }, { key: { at: 1 }, expireAfterSeconds: TOMBSTONE_DAYS * DAY_SECONDS }]);
}
