import { Schema, type Connection, type mongo } from 'mongoose';

/** Tombstones outlive every dead letter and every snapshot that could bring a deleted row back (R6). */
export const TOMBSTONE_DAYS = 14;
const DAY_SECONDS = 86_400;

export const TOMBSTONES = '_tributary_tombstones';
export const POSITIONS = '_tributary_positions';
export const SWEEPS = '_tributary_sweeps';

const DEFAULT_DATABASE = 'tributary';

/** Where positions and sweeps are noted: the database that MONGODB_URI names, else `tributary`. */
export function bookkeepingDatabase({ options }: mongo.MongoClient): string {
  return options.dbName && options.dbName !== 'test' ? options.dbName : DEFAULT_DATABASE;
}

/** Which version deleted a row; one collection in each target database. */
export interface Tombstone {
  /** `<collection>:<key text>`: a scalar, because some servers look sub-documents up by scanning. */
  readonly _id: string;
  readonly v: bigint;
  readonly at: Date;
}

/** Up to where a consumer group's events are in this target (R12). */
export interface Position {
  /** `<group>:<topic>:<partition>`. */
  readonly _id: string;
  /** The next offset to apply. */
  readonly next: bigint;
  readonly at: Date;
}

const plain = { versionKey: false, autoCreate: false, autoIndex: false } as const;

export const tombstoneSchema = new Schema<Tombstone>(
  {
    _id: { type: String, required: true },
    v: { type: BigInt, required: true, index: true },
    at: { type: Date, required: true, expires: TOMBSTONE_DAYS * DAY_SECONDS },
  },
  { ...plain, collection: TOMBSTONES },
);

export const positionSchema = new Schema<Position>(
  {
    _id: { type: String, required: true },
    next: { type: BigInt, required: true },
    at: { type: Date, required: true },
  },
  { ...plain, collection: POSITIONS },
);

/** Creates the tombstone collection of a target database with its indexes, if it is not there. */
export async function prepareTombstones(connection: Connection, database: string): Promise<void> {
  const target = connection.useDb(database, { useCache: true });
  const model = target.models[TOMBSTONES] ?? target.model<Tombstone>(TOMBSTONES, tombstoneSchema);
  await model.createIndexes();
}
