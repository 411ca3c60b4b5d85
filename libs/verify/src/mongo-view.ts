import type { WireRow } from '@tributary/change-event';
import type { TablePlan } from '@tributary/capture';
import { mongoDocument, mongoId, UnmappableError } from '@tributary/targets';
import type { mongo } from 'mongoose';
import {
  bsonText,
  fieldDifferences,
  fieldsOf,
  fieldsOfExpected,
  fieldValue,
  idIdentity,
} from './bson-compare';
import type { Expectation, Finding, TargetEntry, TargetView } from './difference';
import { keyOfMongoId } from './mongo-key';

const BATCH = 1_000;
/** Long `$in` lists are slow on some servers of the protocol (quadratic); several short ones go side by side. */
const IDS_PER_FIND = 100;
const FINDS_AT_ONCE = 4;
/** Any version does: the comparison leaves `_sync` out. */
const NO_VERSION = '0'.repeat(19);

/** A table's collection, read as raw BSON so that no type is lost. */
export class MongoView implements TargetView {
  readonly target = 'mongo';
  readonly #collection: mongo.Collection;

  constructor(
    private readonly plan: TablePlan,
    client: mongo.MongoClient,
  ) {
    const { database, collection } = plan.settings.mongo;
    this.#collection = client.db(database).collection(collection);
  }

  entryOf(key: WireRow): TargetEntry {
    const id = mongoId(this.plan.schema, this.plan.settings, key);
    return { id: bsonText(id), identity: idIdentity(fieldsOfExpected({ _id: id }).get('_id')!), keys: [key] };
  }

  async inspect(expected: readonly Expectation[]): Promise<(Finding | undefined)[]> {
    const wanted = expected.map((expectation) => this.#wanted(expectation));
    const held = await this.#read(wanted.flatMap((one) => ('id' in one ? [one.id] : [])));
    return wanted.map((one) => ('id' in one ? compare(one.fields, held.get(one.identity)) : one));
  }

  async *entries(): AsyncGenerator<TargetEntry[]> {
    const cursor = this.#collection.find({}, { projection: { _id: 1 }, raw: true, batchSize: BATCH });
    let batch: TargetEntry[] = [];
    for await (const document of cursor as unknown as AsyncIterable<Uint8Array>) {
      const field = fieldsOf(document).get('_id')!;
      const id = fieldValue(field);
      const key = keyOfMongoId(this.plan, id);
      batch.push({ id: bsonText(id), identity: idIdentity(field), keys: key ? [key] : [] });
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  }

  /** What a row's document should be, or the finding when there can be none. */
  #wanted({ key, row }: Expectation): Wanted | Finding {
    const { schema, settings } = this.plan;
    try {
      const id = mongoId(schema, settings, key);
      const document = row && mongoDocument(schema, settings, row, NO_VERSION, new Date(0));
      const fields = document && fieldsOfExpected(document);
      const idField = (fields ?? fieldsOfExpected({ _id: id })).get('_id')!;
      return { id, identity: idIdentity(idField), fields };
    } catch (error) {
      if (!(error instanceof UnmappableError)) throw error;
      return { kind: 'missing', columns: [], note: `MongoDB cannot hold the row: ${error.message}` };
    }
  }

  async #read(ids: readonly unknown[]): Promise<Map<string, Fields>> {
    const held = new Map<string, Fields>();
    const portions = Array.from({ length: Math.ceil(ids.length / IDS_PER_FIND) }, (_, at) =>
      ids.slice(at * IDS_PER_FIND, (at + 1) * IDS_PER_FIND),
    );
    const worker = async () => {
      for (let portion = portions.pop(); portion; portion = portions.pop()) {
        const filter = { _id: { $in: portion } } as unknown as mongo.Filter<mongo.Document>;
        const cursor = this.#collection.find(filter, { raw: true, batchSize: IDS_PER_FIND });
        for await (const document of cursor as unknown as AsyncIterable<Uint8Array>) {
          const fields = fieldsOf(document);
          held.set(idIdentity(fields.get('_id')!), fields);
        }
      }
    };
    await Promise.all(Array.from({ length: FINDS_AT_ONCE }, worker));
    return held;
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
  if (!expected) return held && { kind: 'extra', columns: [] };
  if (!held) return { kind: 'missing', columns: [] };
  const columns = fieldDifferences(expected, held);
  return columns.length > 0 ? { kind: 'different', columns } : undefined;
}
