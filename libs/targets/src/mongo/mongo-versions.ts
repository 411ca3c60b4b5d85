import type { mongo } from 'mongoose';
import { mongoMapper, type MongoId } from '../mapping';
import { namedBy } from '../sink/table-fitness';
import { higher, type RowRef, type VersionReader } from '../version-reader';
import { mongoMisfit } from './mongo-misfit';
import { heldVersions, idText } from './held-versions';
import { Tombstones } from './tombstones';

/** Versions that MongoDB holds: `_sync.v` of documents, and tombstones. */
export class MongoVersions implements VersionReader {
  constructor(private readonly client: mongo.MongoClient) {}

  async versions(rows: readonly RowRef[]): Promise<(bigint | undefined)[]> {
    const found = new Array<bigint | undefined>(rows.length);
    const groups = new Map<string, number[]>();
    const idOf = new Map<number, MongoId>();
    rows.forEach((row, at) => {
      const id = namedBy(mongoMisfit, row, () => mongoMapper(row.schema, row.table).id(row.key));
      if (id === undefined) return;
      idOf.set(at, id);
      const { mongo } = row.table;
      const name = `${mongo.database}\0${mongo.collection}`;
      const group = groups.get(name);
      if (group) group.push(at);
      else groups.set(name, [at]);
    });
    for (const [name, places] of groups) {
      const [database, collectionName] = name.split('\0') as [string, string];
      const collection = this.client.db(database).collection(collectionName);
      const ids = places.map((at) => idOf.get(at)!);
      const held = await heldVersions(collection, ids);
      const deleted = await new Tombstones(collection, this.client).versions(
        places.map((at) => rows[at]!.keyText),
      );
      places.forEach((at, nth) => {
        const version = held.get(idText(ids[nth]!))?.version;
        found[at] = higher(version, deleted.get(rows[at]!.keyText)?.toBigInt());
      });
    }
    return found;
  }
}
