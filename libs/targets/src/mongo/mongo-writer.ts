import { errorText } from '@tributary/kernel';
import type { Connection, mongo } from 'mongoose';
import { unmappable, type Outcome, type RowChange, type SweepOrder, type TargetWriter } from '../row-change';
import { mongoMapper } from '../mapping';
import { runDeletes } from './deletes';
import { Doubts, usualPatience, type Patience } from './doubts';
import type { TargetCollection } from './guarded-bulk';
import { idText } from './held-versions';
import { mongoTrouble, nameRefusal } from './mongo-error';
import { sweepCollection } from './mongo-sweep';
import { prepareTombstones } from './bookkeeping-collections';
import { rowDocuments, type DocumentWrite } from './row-documents';
import { CollectionSchema } from './schema/collection-schema';
import { ValidatorKeeper, type ValidatorWarning } from './schema/validator-keeper';
import { Tombstones } from './tombstones';
import type { Upsert } from './upsert';
import { UpsertRun } from './upserts';

interface Target {
  readonly collection: TargetCollection;
  readonly tombstones: Tombstones;
  /** Operations whose rows are mostly there already, as in a second load: they do not insert first. */
  readonly present: Set<RowChange['op']>;
  readonly doubts: Doubts;
  readonly validator: ValidatorKeeper;
}

const PING_MS = 2000;

/** Writes rows to MongoDB, or any server of its protocol: no transactions, no update pipelines for the guard. */
export class MongoWriter implements TargetWriter {
  readonly #connection: Connection;
  readonly #client: mongo.MongoClient;
  readonly #targets = new Map<string, Target>();
  readonly #prepared = new Map<string, Promise<void>>();

  constructor(
    connection: Connection,
    private readonly patience: Patience = usualPatience,
    private readonly warn: ValidatorWarning = () => undefined,
  ) {
    this.#connection = connection;
    this.#client = connection.getClient();
  }

  async apply(changes: readonly RowChange[]): Promise<Outcome[]> {
    const outcomes = new Array<Outcome>(changes.length);
    const groups = this.#grouped(changes, outcomes);
    const at = new Date();
    const runs = [...groups].map(async ([target, rows]) => {
      try {
        await this.#prepare(target.collection.dbName);
        const deletes = rows.filter(({ change }) => change.after === null);
        if (deletes.length > 0)
          note(outcomes, deletes, await runDeletes(target.collection, target.tombstones, deletes));
        const upserts = rows.filter(hasRow);
        if (upserts.length > 0) note(outcomes, upserts, await this.#upsert(target, upserts, at));
      } catch (error) {
        const refusal = nameRefusal(target.collection.namespace, error);
        if (!refusal) throw error;
        for (const { place } of rows) outcomes[place] = { kind: 'rejected', rejection: refusal };
      }
    });
    // All of them end before an error goes up: the caller's next try must not run beside this one.
    const failed = (await Promise.allSettled(runs)).find((result) => result.status === 'rejected');
    if (failed) throw mongoTrouble(failed.reason);
    return outcomes;
  }

  rowId({ table, schema, key }: Pick<RowChange, 'table' | 'schema' | 'key'>): string {
    return idText(mongoMapper(schema, table).id(key));
  }

  async *sweep(order: SweepOrder): AsyncGenerator<number> {
    const { collection, tombstones } = this.#target(order);
    try {
      await this.#prepare(collection.dbName);
      yield* sweepCollection(collection, tombstones, order);
    } catch (error) {
      // Where nothing can be written there is nothing to remove.
      if (!nameRefusal(collection.namespace, error)) throw mongoTrouble(error);
    }
  }

  async ping(): Promise<void> {
    try {
      await this.#client.db('admin').command({ ping: 1 }, { timeoutMS: PING_MS });
    } catch (error) {
      throw new Error(`MongoDB does not answer: ${errorText(error)} (MONGODB_URI).`, {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #grouped(changes: readonly RowChange[], outcomes: Outcome[]): Map<Target, DocumentWrite[]> {
    const groups = new Map<Target, DocumentWrite[]>();
    changes.forEach((change, place) => {
      try {
        const target = this.#target(change);
        const known = groups.get(target);
        const group = known ?? [];
        rowDocuments(change.schema, change.table).map(change, place, group);
        if (!known) groups.set(target, group);
      } catch (error) {
        outcomes[place] = unmappable(error);
      }
    });
    return groups;
  }

  async #upsert(target: Target, rows: readonly (DocumentWrite & Upsert)[], at: Date): Promise<Outcome[]> {
    await target.validator.admit(rows.map(({ change }) => change));
    const outcomes = await this.#run(target, rows, at);
    const refused = [...outcomes.keys()].filter((nth) => outcomes[nth]!.kind === 'rejected');
    if (refused.length === 0) return outcomes;
    const again = refused.map((nth) => rows[nth]!);
    if (await target.validator.admitAgain(again.map(({ change }) => change))) {
      const results = await this.#run(target, again, at);
      for (const [place, nth] of refused.entries()) outcomes[nth] = results[place]!;
    }
    return outcomes;
  }

  async #run(
    { collection, tombstones, doubts, present }: Target,
    rows: readonly (DocumentWrite & Upsert)[],
    at: Date,
  ): Promise<Outcome[]> {
    const run = new UpsertRun(collection, tombstones, rows, at, doubts);
    const results = await run.run((op) => op !== 'u' && !present.has(op));
    for (const [op, met] of run.met)
      if (met.created * 2 > met.rows) present.delete(op);
      else present.add(op);
    return results;
  }

  #target({ table }: Pick<RowChange, 'table'>): Target {
    const { database, collection: name } = table.mongo;
    const key = `${database}\0${name}`;
    let target = this.#targets.get(key);
    if (!target) {
      const collection = this.#client.db(database).collection(name);
      const tombstones = new Tombstones(collection, this.#client);
      target = {
        ...{ collection, tombstones, present: new Set() },
        doubts: new Doubts(collection, this.patience),
        validator: new ValidatorKeeper(
          new CollectionSchema(this.#client.db(database), name),
          collection.namespace,
          this.warn,
        ),
      };
      this.#targets.set(key, target);
    }
    return target;
  }

  /** Once per database and process; a failure is tried again with the next batch. */
  #prepare(database: string): Promise<void> {
    let prepared = this.#prepared.get(database);
    if (!prepared) {
      prepared = prepareTombstones(this.#client, database).catch((error: unknown) => {
        this.#prepared.delete(database);
        throw error;
      });
      this.#prepared.set(database, prepared);
    }
    return prepared;
  }
}

const hasRow = (row: DocumentWrite): row is DocumentWrite & Upsert => row.change.after !== null;

function note(outcomes: Outcome[], rows: readonly DocumentWrite[], results: readonly Outcome[]): void {
  rows.forEach(({ place }, nth) => (outcomes[place] = results[nth]!));
}
