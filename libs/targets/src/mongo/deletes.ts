import { versionNumber } from '@tributary/contract';
import { applied, stale, type Outcome, type RowChange } from '../row-change';
import { versionLong, type MongoId } from '../mapping';
import { runBulk, type Statement, type TargetCollection } from './guarded-bulk';
import { heldVersions, idText } from './held-versions';
import { mongoTrouble } from './mongo-error';
import type { Tombstones } from './tombstones';

export interface Delete {
  readonly change: Pick<RowChange, 'keyText' | 'version'>;
  readonly id: MongoId;
}

/** Deletes rows of one collection: the tombstone first, so that a crash in between cannot lose the delete (R6). */
export async function runDeletes(
  collection: TargetCollection,
  tombstones: Tombstones,
  rows: readonly Delete[],
): Promise<Outcome[]> {
  await tombstones.put(rows.map(({ change }) => change));
  const deleted = await remove(
    collection,
    rows.map(({ id, change }) => ({ _id: id as never, '_sync.v': { $lte: versionOf(change) } })),
  );
  if (deleted === rows.length) return rows.map(() => applied);
  // Some rows were gone already, or the target holds newer ones, or documents that another program wrote.
  const held = await heldVersions(
    collection,
    rows.map(({ id }) => id),
  );
  const foreign = rows.filter(
    ({ id }) => held.has(idText(id)) && held.get(idText(id))!.version === undefined,
  );
  await remove(
    collection,
    foreign.map(({ id }) => ({ _id: id as never, ...held.get(idText(id))!.unchanged })),
  );
  return rows.map(({ id, change }) => {
    const version = held.get(idText(id))?.version;
    return version !== undefined && version > versionNumber(change.version) ? stale : applied;
  });
}

const versionOf = ({ version }: Delete['change']) => versionLong(version);

async function remove(collection: TargetCollection, filters: readonly object[]): Promise<number> {
  const statements = filters.map((filter): Statement => ({ deleteOne: { filter } }));
  const { faults, deleted } = await runBulk(collection, statements);
  const [fault] = faults.values();
  if (fault) throw mongoTrouble(new Error(`a document cannot be deleted: ${fault.rejection.reason}`));
  return deleted;
}
