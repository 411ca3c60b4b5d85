import type { mongo } from 'mongoose';
import type { MongoId } from '../mapping';
import { BSON, Decimal128, Double, Long } from '../mapping/bson';
import type { TargetCollection } from './guarded-bulk';
import { mongoTrouble } from './mongo-error';

/** What stands in a document's `_sync.v`. */
export interface HeldVersion {
  /** `undefined` where it is no Long, as another program wrote the document: it counts as older than everything. */
  readonly version: bigint | undefined;
  /** A filter that matches only while nobody else has written. */
  readonly unchanged: mongo.Filter<mongo.Document>;
}

/** The versions that a collection holds of these ids, by `idText`. Throws a SyncError `retry`. */
export async function heldVersions(
  collection: TargetCollection,
  ids: readonly MongoId[],
): Promise<Map<string, HeldVersion>> {
  try {
    const found = await collection
      .find(
        { _id: { $in: ids as never[] } },
        {
          projection: { _sync: 1 },
          promoteLongs: false,
          promoteValues: false,
          // One answer holds them all.
          batchSize: ids.length + 1,
        },
      )
      .toArray();
    return new Map(
      found.map(({ _id, _sync }) => {
        const v = (_sync as { v?: unknown } | null | undefined)?.v;
        const held: HeldVersion =
          v instanceof Long && v.toBigInt() >= 0n
            ? { version: v.toBigInt(), unchanged: { '_sync.v': v } }
            : {
                version: undefined,
                unchanged: { _sync: _sync === undefined ? { $exists: false } : { $eq: _sync } },
              };
        return [idText(_id as unknown as MongoId), held];
      }),
    );
  } catch (error) {
    throw mongoTrouble(error);
  }
}

/** A text that is equal for ids that MongoDB takes for equal; numbers are equal across their types. */
export function idText(id: MongoId): string {
  if (typeof id === 'string') return `s${id}`;
  if (typeof id === 'number' || id instanceof Long || id instanceof Double) return `n${String(id)}`;
  if (id instanceof Decimal128) return `n${withoutScale(id.toString())}`;
  if (typeof id === 'object' && '_bsontype' in id && (id as { _bsontype: string })._bsontype === 'Int32')
    return `n${String(id)}`;
  return `b${Buffer.from(BSON.serialize({ id })).toString('base64')}`;
}

const withoutScale = (text: string) =>
  text.includes('.') && !text.includes('E') ? text.replace(/\.?0+$/, '') : text;
