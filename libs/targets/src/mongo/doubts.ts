import { versionNumber, type Version } from '@tributary/contract';
import { transient, type SyncError } from '@tributary/kernel';
import type { mongo } from 'mongoose';
import type { MongoId } from '../mapping';
import { runBulk, type Statement, type StatementFault, type TargetCollection } from './guarded-bulk';
import { heldVersions, idText, type HeldVersion } from './held-versions';
import type { Upsert } from './upsert';

/** How long a refusal that may pass is waited out, milliseconds. */
export interface Patience {
  /** A unique value that another row may be about to give up, in a partition that is behind. */
  readonly handoverMs: number;
  /** A code that nobody knows: a hosted server that throttles, say. */
  readonly unknownMs: number;
}

export const usualPatience: Patience = { handoverMs: 20_000, unknownMs: 30_000 };
/** After a value that nobody gave up, others in the same index are waited for half as long, for so long. */
const MEMORY_MS = 600_000;
const LEAST_MS = 2_000;
/** A code is the row's own when it comes so often for the row alone, each time beside a write that the server takes. */
const PROOFS = 3;

interface Doubt {
  readonly version: Version;
  readonly since: number;
  /** What the row is to hold in the index that refused it. */
  wants?: { readonly index: string; readonly filter: mongo.Filter<mongo.Document> } | undefined;
}

interface UniqueIndex {
  readonly name?: string;
  readonly key: Record<string, unknown>;
  readonly collation?: mongo.CollationOptions;
}

/** Who holds a unique value that a row wants. */
export interface Holder {
  readonly id: MongoId;
  readonly held: HeldVersion;
}

/** What is remembered, over the tries of a batch, of rows that a collection refused for a reason that may pass. */
export class Doubts {
  readonly #doubts = new Map<string, Doubt>();
  readonly #conflicts = new Map<string, { count: number; at: number }>();

  constructor(
    private readonly collection: TargetCollection,
    private readonly patience: Patience,
  ) {}

  get any(): boolean {
    return this.#doubts.size > 0;
  }

  note({ id, change: { version } }: Upsert): void {
    const known = this.#doubts.get(idText(id));
    if (known?.version !== version) this.#doubts.set(idText(id), { version, since: performance.now() });
  }

  settled({ id }: Upsert): void {
    this.#doubts.delete(idText(id));
  }

  ageMs({ id }: Upsert): number {
    return performance.now() - (this.#doubts.get(idText(id))?.since ?? performance.now());
  }

  /** Whether to wait on for a unique value. */
  awaits(row: Upsert, index: string): boolean {
    const known = this.#conflicts.get(index);
    const times = known && performance.now() - known.at < MEMORY_MS ? known.count : 0;
    const { handoverMs } = this.patience;
    return this.ageMs(row) < Math.max(handoverMs / 2 ** times, Math.min(LEAST_MS, handoverMs));
  }

  /** Nobody gave the value up. */
  conflict(index: string): void {
    const known = this.#conflicts.get(index);
    this.#conflicts.set(index, { count: Math.min((known?.count ?? 0) + 1, 8), at: performance.now() });
  }

  /** The document that holds what the row wants; `undefined` when none does by now, or nobody can tell. */
  async holder(row: Upsert, index: string, document: unknown): Promise<Holder | undefined> {
    const found = ((await this.collection.indexes()) as UniqueIndex[]).find(({ name }) => name === index);
    const filter = found && valuesOf(found, document);
    const doubt = this.#doubts.get(idText(row.id));
    if (doubt) doubt.wants = filter && { index, filter };
    if (!filter) return undefined;
    const other = await this.collection.findOne(
      { ...filter, _id: { $ne: row.id as never } },
      { projection: { _id: 1 }, promoteLongs: false, ...(found.collation && { collation: found.collation }) },
    );
    if (!other) return undefined;
    const id = other._id as unknown as MongoId;
    const held = (await heldVersions(this.collection, [id])).get(idText(id));
    return held && { id, held };
  }

  /**
   * Two rows that exchange their values wait for each other. A holder that is itself about to be written anew, with another
   * value, is taken away, unless somebody else has written it meanwhile: its batch is not confirmed and brings it back.
   */
  async breaksCircle({ id, held }: Holder, row: Upsert): Promise<boolean> {
    const doubt = this.#doubts.get(idText(id));
    const own = this.#doubts.get(idText(row.id))?.wants;
    if (!doubt?.wants || !own || doubt.wants.index !== own.index) return false;
    if (held.version === undefined || held.version >= versionNumber(doubt.version)) return false;
    if (JSON.stringify(doubt.wants.filter) === JSON.stringify(own.filter)) return false;
    const filter = { _id: id as never, ...held.unchanged };
    const { deleted } = await runBulk(this.collection, [{ deleteOne: { filter } }]);
    return deleted > 0;
  }

  /** Whether a code that nobody knows is proven to be about this very row. */
  async isRowsOwn(row: Upsert, statement: () => Statement): Promise<boolean> {
    if (this.ageMs(row) < this.patience.unknownMs) return false;
    for (let proof = 0; proof < PROOFS; proof += 1) {
      if (!(await this.#takesOthers(row))) return false;
      const { faults } = await runBulk(this.collection, [statement()]);
      const fault: StatementFault | undefined = faults.get(0);
      if (fault?.kind !== 'unknown') return false;
    }
    return true;
  }

  /** Writes the time into another row of the same collection: a write that changed nothing might be let through. */
  async #takesOthers({ id }: Upsert): Promise<boolean> {
    const filter = { _id: { $ne: id as never }, '_sync.at': { $exists: true } };
    const update = { $set: { '_sync.at': new Date() } };
    const { faults } = await runBulk(this.collection, [{ updateOne: { filter, update } }]);
    // What a validator refuses there, the server has looked at.
    return [...faults.values()].every(({ kind }) => kind === 'row');
  }
}

/** The values of a document in an index, as a filter; `undefined` where a path is not that of a plain value. */
function valuesOf({ key }: UniqueIndex, document: unknown): mongo.Filter<mongo.Document> | undefined {
  const filter: Record<string, unknown> = {};
  for (const path of Object.keys(key)) {
    let value: unknown = document;
    for (const name of path.split('.'))
      value = value instanceof Map ? value.get(name) : (value as Record<string, unknown> | null)?.[name];
    if (Array.isArray(value)) return undefined;
    filter[path] = value ?? null;
  }
  return filter;
}

export const indexOf = (message: string): string => /unique index (\S+)$/.exec(message)?.[1] ?? '';

/** The batch comes again. */
export const stillInDoubt = (reasons: readonly string[]): SyncError =>
  transient('MONGODB', `${reasons[0]}${reasons.length > 1 ? ` (and ${reasons.length - 1} more rows)` : ''}`);
