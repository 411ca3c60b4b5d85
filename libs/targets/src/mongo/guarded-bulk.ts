import type { Rejection } from '@tributary/contract';
import type { mongo } from 'mongoose';
import { mongo as driver } from 'mongoose';
import { callRefusal, faultOfCall, faultOfCode, mongoTrouble, refusal, type MongoFault } from './mongo-error';

export type Statement = mongo.AnyBulkWriteOperation;
export type TargetCollection = mongo.Collection;

export interface StatementFault {
  readonly kind: Exclude<MongoFault, 'transient'>;
  readonly rejection: Rejection;
}

export interface BulkResult {
  /** Faults by the statement's place; statements without one did their work. */
  readonly faults: Map<number, StatementFault>;
  /** Places of updates that found nothing and created a document. */
  readonly upserted: Set<number>;
  readonly matched: number;
  readonly deleted: number;
}

/**
 * Runs statements as unordered bulks and blames exactly those that fail. A call that fails as a whole because of
 * one of them is halved until that one stands alone. Throws a SyncError `retry` on anything that passes by itself.
 */
export async function runBulk(
  collection: TargetCollection,
  statements: readonly Statement[],
): Promise<BulkResult> {
  const total = {
    faults: new Map<number, StatementFault>(),
    upserted: new Set<number>(),
    matched: 0,
    deleted: 0,
  };
  if (statements.length === 0) return total;
  const run = async (from: number, to: number): Promise<void> => {
    try {
      count(total, await collection.bulkWrite(statements.slice(from, to), { ordered: false }), from);
    } catch (error) {
      if (error instanceof driver.MongoBulkWriteError && error.writeErrors)
        return noteFaults(total, error, collection.collectionName, from);
      if (faultOfCall(error) !== 'row') throw mongoTrouble(error);
      if (to - from === 1) {
        total.faults.set(from, { kind: 'row', rejection: callRefusal(collection.collectionName, error) });
        return;
      }
      const middle = (from + to) >> 1;
      await run(from, middle);
      await run(middle, to);
    }
  };
  await run(0, statements.length);
  return total;
}

type Counts = Pick<mongo.BulkWriteResult, 'upsertedIds' | 'matchedCount' | 'deletedCount'>;
type Total = { -readonly [Part in keyof BulkResult]: BulkResult[Part] };

function count(total: Total, result: Counts, from: number): void {
  for (const place of Object.keys(result.upsertedIds)) total.upserted.add(from + Number(place));
  total.matched += result.matchedCount;
  total.deleted += result.deletedCount;
}

function noteFaults(total: Total, error: mongo.MongoBulkWriteError, collection: string, from: number): void {
  const faults = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  // Without a blamed statement it is the write concern that failed: the data may be lost with a failover.
  if (faults.length === 0 || error.result.getWriteConcernError()) throw mongoTrouble(error);
  for (const { index, code, errmsg, errInfo } of faults.map((fault) => fault.err)) {
    const kind = faultOfCode(code);
    if (kind === 'transient') throw mongoTrouble({ code, message: errmsg });
    total.faults.set(from + index, { kind, rejection: refusal(collection, code, errmsg, errInfo) });
  }
  count(total, error, from);
}
