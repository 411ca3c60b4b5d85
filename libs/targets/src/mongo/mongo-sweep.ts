import { keyColumns, rowKeyText } from '@tributary/contract';
import type { mongo } from 'mongoose';
import { keyOfMongoId, versionLong, type MongoId } from '../mapping';
import { Long } from '../mapping/bson';
import type { SweepOrder } from '../row-change';
import { runDeletes, type Delete } from './deletes';
import type { TargetCollection } from './guarded-bulk';
import { idText } from './held-versions';
import type { Tombstones } from './tombstones';

const BATCH = 500;
/**
 * The server looks at every document of the collection, since `_sync.v` has no index, and answers when it has found a
 * batch: that may take as long as reading all of it. Keep-alive finds a dead server before.
 */
const ITERATION_MS = 60 * 60_000;

/** Removes the documents of a collection whose version is below the floor; yields how many each batch removed. */
export async function* sweepCollection(
  collection: TargetCollection,
  tombstones: Tombstones,
  { table: settings, schema, floor, spared }: SweepOrder,
): AsyncGenerator<number> {
  const keyTextOf = (id: unknown) => {
    const key = keyOfMongoId({ schema, settings }, id);
    // A key of another form, from before the table's key was changed: its text is only a note.
    return key ? rowKeyText(keyColumns(schema), key) : String(id);
  };
  const cursor = collection.find(
    // The type too: a number of another type is no version, and nobody knows whose the document is.
    { '_sync.v': { $lt: versionLong(floor), $gte: Long.ZERO, $type: 'long' } },
    {
      projection: { _id: 1 },
      batchSize: BATCH,
      promoteValues: false,
      timeoutMS: ITERATION_MS,
      timeoutMode: 'iteration',
    },
  );
  const remove = async (ids: readonly MongoId[]): Promise<number> => {
    const stay = await spared();
    const rows = ids
      .filter((id) => !stay.has(idText(id)))
      .map((id): Delete => ({ id, change: { keyText: keyTextOf(id), version: floor } }));
    if (rows.length === 0) return 0;
    const outcomes = await runDeletes(collection, tombstones, rows);
    return outcomes.filter(({ kind }) => kind === 'applied').length;
  };
  let ids: MongoId[] = [];
  for await (const { _id } of cursor as AsyncIterable<mongo.Document>) {
    ids.push(_id as MongoId);
    if (ids.length < BATCH) continue;
    yield await remove(ids);
    ids = [];
  }
  if (ids.length > 0) yield await remove(ids);
}
