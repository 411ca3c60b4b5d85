import type { mongo } from 'mongoose';
import { chunked } from '@tributary/kernel';
import { scanDigest } from '../../scan/scan-digest';
import type { ScanEntry, TargetScan } from '../../scan/target-scan';
import type { ViewedTable } from '../../target-view';
import { fieldsOf, fieldValue, idIdentity, type Field } from '../view/bson-compare';
import { refOf } from '../view/id-ref';
import { rawIdField } from '../view/raw-document';
import { mongoContent } from './mongo-content';
import { filterOf } from './mongo-parts';

const BATCH = 1_000;
/** Long `$in` lists are slow on some servers of the protocol (quadratic). */
const IDS_PER_FIND = 100;

/** Reads a table's collection as raw BSON. */
export class MongoScan implements TargetScan {
  readonly #collection: mongo.Collection;
  readonly #contentOf: ReturnType<typeof mongoContent>;

  constructor(table: ViewedTable, client: mongo.MongoClient) {
    const { database, collection } = table.settings.mongo;
    this.#collection = client.db(database).collection(collection);
    this.#contentOf = mongoContent(table);
  }

  async *entries(part: string, wanted?: (name: string) => boolean): AsyncGenerator<ScanEntry[]> {
    const filter = filterOf(part);
    if (!wanted) {
      for await (const documents of this.#documents(filter))
        yield documents.map((document) => this.#entry(document));
      return;
    }
    for await (const documents of this.#documents(filter, { _id: 1 })) {
      const fields = documents.map((document) => rawIdField(document) ?? fieldsOf(document).get('_id')!);
      for (const some of chunked(
        fields.filter((field) => wanted(idIdentity(field))),
        IDS_PER_FIND,
      ))
        yield* this.#entriesOf(some);
    }
  }

  /** Of documents by their `_id`s. */
  async *#entriesOf(ids: readonly Field[]): AsyncGenerator<ScanEntry[]> {
    const found = new Set<string>();
    const filter = { _id: { $in: ids.map(fieldValue) } } as unknown as mongo.Filter<mongo.Document>;
    for await (const documents of this.#documents(filter)) {
      const entries = documents.map((document) => this.#entry(document));
      for (const { name } of entries) found.add(name);
      yield entries;
    }
    // Removed meanwhile, or an _id that a filter does not find: an exact look will tell.
    yield ids
      .filter((id) => !found.has(idIdentity(id)))
      .map((id) => ({
        list: 0,
        name: idIdentity(id),
        digest: scanDigest('not found'),
        ref: () => refOf(id),
      }));
  }

  async *#documents(filter: mongo.Filter<mongo.Document>, projection?: object): AsyncGenerator<Buffer[]> {
    const cursor = this.#collection.find(filter, {
      ...{ raw: true, batchSize: BATCH },
      ...(projection && { projection }),
    });
    try {
      while (await cursor.hasNext()) {
        // All that is here at once: a promise for each document takes longer than its digest.
        const documents = cursor.readBufferedDocuments() as unknown as Uint8Array[];
        yield documents.map(({ buffer, byteOffset, byteLength }) =>
          Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength),
        );
      }
    } finally {
      await cursor.close();
    }
  }

  #entry(document: Buffer): ScanEntry {
    const { id, pieces } = this.#contentOf(document);
    return { list: 0, name: idIdentity(id), digest: scanDigest(...pieces), ref: () => refOf(id) };
  }
}
