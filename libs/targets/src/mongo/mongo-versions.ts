import type { mongo } from 'mongoose';
import { mongoMapper } from '../mapping';
import { higher, type RowRef, type VersionReader } from '../version-reader';
import { heldVersions, idText } from './held-versions';
import { Tombstones } from './tombstones';

/** Versions that MongoDB holds: `_sync.v` of documents, and tombstones. */
export class MongoVersions implements VersionReader {
  constructor(private readonly client: mongo.MongoClient) {}

  async versions(rows: readonly RowRef[]): Promise<(bigint | undefined)[]> {
    const found = new Array<bigint | undefined>(rows.length);
    const groups = new Map<string, number[]>();
    rows.forEach(({ table: { mongo } }, at) => {
      const name = `${mongo.database}\0${mongo.collection}`;
      const group = groups.get(name);
      if (group) group.push(at);
      else groups.set(name, [at]);
    });
    for (const [name, places] of groups) {
      const [database, collectionName] = name.split('\0') as [string, string];
      const collection = this.client.db(database).collection(collectionName);
      const ids = places.map((at) => mongoMapper(rows[at]!.schema, rows[at]!.table).id(rows[at]!.key));
      const held = await heldVersions(collection, ids);
      const buried = await new Tombstones(collection, this.client).versions(
        places.map((at) => rows[at]!.keyText),
      );
      places.forEach((at, nth) => {
        const version = held.get(idText(ids[nth]!))?.version;
        found[at] = higher(version, buried.get(rows[at]!.keyText)?.toBigInt());
      });
    }
    return found;
  }
}
