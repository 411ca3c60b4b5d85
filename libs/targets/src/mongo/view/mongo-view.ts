import { NO_VERSION, versionOfNumber, type Version, type WireRow } from '@tributary/contract';
import { chunked } from '@tributary/kernel';
import { keyOfMongoId, mongoDocument, mongoId, UnmappableError } from '../../mapping';
import { mongo } from 'mongoose';
import { documentBytes } from '../document-bytes';
import {
  bsonText,
  fieldDifferences,
  fieldsOf,
  fieldsOfExpected,
  fieldValue,
  idField,
  idIdentity,
  type Field,
} from './bson-compare';
import type {
  EntryList,
  Expectation,
  Finding,
  ListedEntry,
  TargetEntry,
  TargetView,
  ViewedRow,
  ViewedTable,
} from '../../target-view';
import { fieldOfRef } from './id-ref';
import { rawId, sameButSync } from './raw-document';

const BATCH = 1_000;
/** Long `$in` lists are slow on some servers of the protocol (quadratic); several short ones go side by side. */
const IDS_PER_FIND = 100;
const FINDS_AT_ONCE = 4;
/** "Unrecognized pipeline stage", CommandNotFound, CommandNotSupported, NotImplemented. */
const NO_SUCH_STAGE = new Set([40324, 59, 115, 238]);
/** Any time does: the comparison leaves `_sync` out. */
const NO_TIME = new Date(0);

/** A table's collection, read as raw BSON so that no type is lost. */
export class MongoView implements TargetView {
  readonly target = 'mongo';
  readonly lists: readonly EntryList[];
  readonly #collection: mongo.Collection;

  constructor(
    private readonly plan: ViewedTable,
    client: mongo.MongoClient,
  ) {
    const { database, collection } = plan.settings.mongo;
    this.#collection = client.db(database).collection(collection);
    this.lists = [
      {
        named: true,
        nameOf: (row) => this.#identity(row),
        entries: () => this.#entries(),
        unseen: async (entries) => entries,
      },
    ];
  }

  entryOf(key: WireRow): TargetEntry {
    const id = mongoId(this.plan.schema, this.plan.settings, key);
    return { id: bsonText(id), identity: idIdentity(idField(id)), keys: [key] };
  }

  async candidates(rows: readonly ViewedRow[]): Promise<ViewedRow[]> {
    const { schema, settings } = this.plan;
    const expected = new Map<string, { row: ViewedRow; document: Buffer }>();
    const candidates: ViewedRow[] = [];
    const ids: unknown[] = [];
    for (const row of rows)
      try {
        const made = mongoDocument(schema, settings, row.row, NO_VERSION, NO_TIME);
        const document = documentBytes(made);
        const id = rawId(document);
        if (id === undefined || expected.has(id)) candidates.push(row);
        else {
          expected.set(id, { row, document });
          ids.push(made instanceof Map ? made.get('_id') : made['_id']);
        }
      } catch (error) {
        if (!(error instanceof UnmappableError)) throw error;
        candidates.push(row);
      }
    await this.#find(ids, (held) => {
      const id = rawId(held);
      if (id !== undefined && sameButSync(expected.get(id)?.document ?? Buffer.alloc(0), held))
        expected.delete(id);
    });
    for (const { row } of expected.values()) candidates.push(row);
    return candidates;
  }

  async inspect(expected: readonly Expectation[]): Promise<(Finding | undefined)[]> {
    const wanted = expected.map((expectation) => this.#wanted(expectation));
    const held = await this.#read(wanted.flatMap((one) => ('id' in one ? [one.id] : [])));
    return wanted.map((one) => ('id' in one ? compare(one.fields, held.get(one.identity)) : one));
  }

  async versions(keys: readonly WireRow[]): Promise<(Version | undefined)[]> {
    const ids = keys.map((key) => mongoId(this.plan.schema, this.plan.settings, key));
    const held = await this.#read(ids);
    return ids.map((id) => versionOf(held.get(idIdentity(idField(id)))));
  }

  scanned(_list: number, ref: string): TargetEntry {
    return this.#entryAt(fieldOfRef(ref));
  }

  /** Nothing where the server has no `$sample`. */
  async sample(count: number): Promise<TargetEntry[]> {
    const stages = [{ $sample: { size: count } }, { $project: { _id: 1 } }];
    try {
      const documents = (await this.#collection
        .aggregate(stages, { raw: true })
        .toArray()) as unknown as Buffer[];
      return documents.map((document) => this.#listed(document).entry());
    } catch (error) {
      if (error instanceof mongo.MongoServerError && NO_SUCH_STAGE.has(Number(error.code))) return [];
      throw error;
    }
  }

  async *#entries(): AsyncGenerator<ListedEntry[]> {
    const cursor = this.#collection.find({}, { projection: { _id: 1 }, raw: true, batchSize: BATCH });
    let batch: ListedEntry[] = [];
    for await (const document of cursor as unknown as AsyncIterable<Uint8Array>) {
      batch.push(this.#listed(document));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  #listed(document: Uint8Array): ListedEntry {
    const field = fieldsOf(document).get('_id')!;
    return { name: idIdentity(field), entry: () => this.#entryAt(field) };
  }

  #entryAt(field: Field): TargetEntry {
    const identity = idIdentity(field);
    const id = fieldValue(field);
    const key = keyOfMongoId(this.plan, id);
    // An id of another form than the sink writes stands for no row, though it reads as one.
    const keys = key && this.#identity(key) === identity ? [key] : [];
    return { id: bsonText(id), identity, keys };
  }

  #identity(row: WireRow): string | undefined {
    try {
      return idIdentity(idField(mongoId(this.plan.schema, this.plan.settings, row)));
    } catch (error) {
      if (error instanceof UnmappableError) return undefined;
      throw error;
    }
  }

  /** What a row's document should be, or the finding when there can be none. */
  #wanted({ key, row }: Expectation): Wanted | Finding {
    const { schema, settings } = this.plan;
    try {
      const id = mongoId(schema, settings, key);
      const document = row && mongoDocument(schema, settings, row, NO_VERSION, NO_TIME);
      const fields = document && fieldsOfExpected(document);
      return { id, identity: idIdentity(fields?.get('_id') ?? idField(id)), fields };
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return { kind: 'missing', columns: [], note: `MongoDB cannot hold the row: ${error.message}` };
    }
  }

  async #read(ids: readonly unknown[]): Promise<Map<string, Fields>> {
    const held = new Map<string, Fields>();
    await this.#find(ids, (document) => {
      const fields = fieldsOf(document);
      held.set(idIdentity(fields.get('_id')!), fields);
    });
    return held;
  }

  async #find(ids: readonly unknown[], each: (document: Buffer) => void): Promise<void> {
    const portions = chunked(ids, IDS_PER_FIND);
    const worker = async () => {
      for (let portion = portions.pop(); portion; portion = portions.pop()) {
        const filter = { _id: { $in: portion } } as unknown as mongo.Filter<mongo.Document>;
        const found = await this.#collection
          .find(filter, { raw: true, batchSize: IDS_PER_FIND + 1 })
          .toArray();
        for (const { buffer, byteOffset, byteLength } of found as unknown as Uint8Array[])
          each(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength));
      }
    };
    await Promise.all(Array.from({ length: FINDS_AT_ONCE }, worker));
  }
}

type Fields = ReturnType<typeof fieldsOf>;

interface Wanted {
  readonly id: unknown;
  readonly identity: string;
  /** `null`: the document should not be there. */
  readonly fields: Fields | null;
}

function compare(expected: Fields | null, held: Fields | undefined): Finding | undefined {
  const version = versionOf(held);
  if (!expected) return held && { kind: 'extra', columns: [], ...(version && { version }) };
  if (!held) return { kind: 'missing', columns: [] };
  const columns = fieldDifferences(expected, held);
  return columns.length > 0 ? { kind: 'different', columns, ...(version && { version }) } : undefined;
}

/** The version in a document's `_sync`, when it stands there as the sink writes it. */
function versionOf(held: Fields | undefined): Version | undefined {
  const sync = held?.get('_sync');
  if (sync?.type !== OBJECT) return undefined;
  const version = fieldsOf(sync.bytes).get('v');
  if (version?.type !== LONG) return undefined;
  return versionOfNumber(version.bytes.readBigInt64LE());
}

const OBJECT = 0x03;
const LONG = 0x12;
