import { versionNumber } from '@tributary/contract';
import { setTimeout as sleep } from 'node:timers/promises';
import { applied, stale, unmappable, type Outcome, type RowChange } from '../row-change';
import { versionLong } from '../mapping';
import { indexOf, stillInDoubt, type Doubts, type Holder } from './doubts';
import { runBulk, type Statement, type StatementFault, type TargetCollection } from './guarded-bulk';
import { heldVersions, idText, type HeldVersion } from './held-versions';
import type { Tombstones } from './tombstones';
import type { Upsert } from './upsert';

/** How often a row may be refused at once for a reason that could pass (a unique value that another row is about to give up). */
const REFUSALS = 5;
const FIRST_PAUSE_MS = 50;
/** Rows that exchange values may have to be written several times in turn. */
const ROUNDS = 3;

interface Pending extends Upsert {
  readonly place: number;
  readonly refusals: number;
  /** Whether this call has tried to write over what it read. */
  readonly tried: boolean;
}

/** Writes rows into one collection, each only over an older version. */
export class UpsertRun {
  readonly #outcomes: Outcome[];
  /** Operations that promise a new row, with what their rows met. */
  readonly met = new Map<RowChange['op'], { rows: number; created: number }>();
  /** Rows that were refused for what may not be their fault. */
  #doubtful: { readonly row: Pending; readonly fault: StatementFault }[] = [];

  constructor(
    private readonly collection: TargetCollection,
    private readonly tombstones: Tombstones,
    private readonly rows: readonly Upsert[],
    private readonly at: Date,
    private readonly doubts: Doubts,
  ) {
    this.#outcomes = rows.map(() => applied);
  }

  /** `insertFirst`: whether to insert the rows of an operation without asking what is there. */
  async run(insertFirst: (op: RowChange['op']) => boolean): Promise<Outcome[]> {
    const places: number[] = [];
    const statements: Statement[] = [];
    this.rows.forEach((row, place) => {
      try {
        const inserts = !row.mapper.dollarFields && insertFirst(row.change.op);
        statements.push(inserts ? this.#insert(row) : this.#guarded(row));
        places.push(place);
      } catch (error) {
        this.#outcomes[place] = unmappable(error);
      }
    });
    const { faults, upserted } = await runBulk(this.collection, statements);
    places.forEach((place, nth) => {
      const { op } = this.rows[place]!.change;
      let met = this.met.get(op);
      if (!met) this.met.set(op, (met = { rows: 0, created: 0 }));
      met.rows += 1;
      if (upserted.has(nth) || (!faults.has(nth) && 'insertOne' in statements[nth]!)) met.created += 1;
    });
    const faulty = [...faults].flatMap(([nth, fault]) => {
      const place = places[nth]!;
      return this.#afterFault({ ...this.rows[place]!, place, refusals: 0, tried: false }, fault, false);
    });
    await this.#settle(faulty);
    await this.#removeBuried();
    await this.#forgiveSuperseded();
    await this.#weighDoubts();
    return this.#outcomes;
  }

  /** Rows whose first statement met something: a version as new, a race, a unique index. */
  async #settle(rows: readonly Pending[]): Promise<void> {
    let pending = rows;
    for (let attempt = 0; pending.length > 0; attempt += 1) {
      if (pending.some(({ refusals }) => refusals > 0))
        await sleep(FIRST_PAUSE_MS * 2 ** Math.min(attempt, 5));
      const held = await heldVersions(
        this.collection,
        pending.map(({ id }) => id),
      );
      const older = pending.filter((row) => this.#isOlder(row, held.get(idText(row.id))));
      const known = older.map((row) => held.get(idText(row.id)));
      const statements = older.map((row, nth) =>
        known[nth] ? this.#replace(row, known[nth]) : this.#insert(row),
      );
      const { faults, matched } = await runBulk(this.collection, statements);
      const replaces = known.filter((version, nth) => version && !faults.has(nth)).length;
      pending = older.flatMap((row, nth) => {
        const fault = faults.get(nth);
        if (fault) return this.#afterFault(row, fault, known[nth] !== undefined || attempt > 0);
        // Some document changed between reading and writing: which one, only reading again tells.
        return known[nth] && matched < replaces ? [{ ...row, tried: true }] : [];
      });
    }
  }

  /** Whether the row is still to be written; notes its outcome where it is not. */
  #isOlder(row: Pending, held: HeldVersion | undefined): boolean {
    if (held?.version === undefined || held.version < versionNumber(row.change.version)) return true;
    this.#outcomes[row.place] =
      row.tried && held.version === versionNumber(row.change.version) ? applied : stale;
    return false;
  }

  /** What remains to be done for a row after a statement: nothing, or another try. */
  #afterFault(row: Pending, fault: StatementFault | undefined, counts: boolean): Pending[] {
    if (!fault) return [];
    const refusals = row.refusals + (counts || fault.kind === 'unknown' ? 1 : 0);
    if (fault.kind !== 'row' && refusals < REFUSALS) return [{ ...row, refusals }];
    this.#outcomes[row.place] = { kind: 'rejected', rejection: fault.rejection };
    if (fault.kind !== 'row') this.#doubtful.push({ row, fault });
    return [];
  }

  /**
   * What stays refused becomes a dead letter only when it is the row's own fault: the value that it wants is not about to be
   * given up, or its strange code comes for this row alone. Throws a SyncError `retry` while that is open.
   */
  async #weighDoubts(): Promise<void> {
    const waiting: string[] = [];
    for (let round = 0; round < ROUNDS && this.#doubtful.length > 0; round += 1) {
      const doubtful = this.#doubtful.filter(({ row }) => this.#outcomes[row.place]!.kind === 'rejected');
      this.#doubtful = [];
      const again: Pending[] = [];
      for (const { row } of doubtful) this.doubts.note(row);
      // Whoever wants what is known before anything is taken away.
      for (const { row, fault } of doubtful) if (fault.kind === 'duplicate') await this.#holder(row, fault);
      for (const { row, fault } of doubtful) {
        const verdict =
          fault.kind === 'duplicate' ? await this.#handover(row, fault) : await this.#strange(row);
        if (verdict === 'again' && round < ROUNDS - 1) again.push({ ...row, refusals: 0 });
        else if (verdict === 'rejected') this.doubts.settled(row);
        else waiting.push(`${fault.rejection.reason}: it is tried again, since that may pass`);
      }
      for (const row of again) this.#outcomes[row.place] = applied;
      await this.#settle(again);
      await this.#forgiveSuperseded();
    }
    if (this.doubts.any)
      this.rows.forEach((row, place) => {
        if (this.#outcomes[place]!.kind !== 'rejected') this.doubts.settled(row);
      });
    if (waiting.length > 0) throw stillInDoubt(waiting);
  }

  #holder(row: Pending, { rejection }: Pick<StatementFault, 'rejection'>): Promise<Holder | undefined> {
    const { mapper, id, change } = row;
    const document = mapper.document(id, change.after, change.version, this.at);
    return this.doubts.holder(row, indexOf(rejection.reason), document);
  }

  async #handover(row: Pending, { rejection }: StatementFault): Promise<'again' | 'waits' | 'rejected'> {
    const index = indexOf(rejection.reason);
    const { change } = row;
    const holder = await this.#holder(row, { rejection });
    if (holder && (await this.doubts.breaksCircle(holder, row))) return 'again';
    const version = holder?.held.version;
    // What another program wrote, or was written after this change, is not given up by an event that is on its way.
    const stays = holder && (version === undefined || version > versionNumber(change.version));
    if (!stays && this.doubts.awaits(row, index)) return holder ? 'waits' : 'again';
    this.doubts.conflict(index);
    return 'rejected';
  }

  async #strange(row: Pending): Promise<'waits' | 'rejected'> {
    const held = (await heldVersions(this.collection, [row.id])).get(idText(row.id));
    const statement = () => (held ? this.#replace(row, held) : this.#insert(row));
    return (await this.doubts.isRowsOwn(row, statement)) ? 'rejected' : 'waits';
  }

  /** A row that a newer delete outranks is removed again (R6): the delete may have passed before it was there. */
  async #removeBuried(): Promise<void> {
    const written = this.rows.filter((_row, place) => this.#outcomes[place]!.kind !== 'rejected');
    if (written.length === 0) return;
    const deleted = await this.tombstones.outranking(written.map(({ change }) => change));
    if (deleted.size === 0) return;
    await runBulk(
      this.collection,
      written.flatMap(({ id, change }) => {
        const v = deleted.get(change.keyText);
        return v ? [{ deleteOne: { filter: { _id: id as never, '_sync.v': { $lte: v } } } }] : [];
      }),
    );
    this.rows.forEach(({ change }, place) => {
      if (deleted.has(change.keyText) && this.#outcomes[place]!.kind === 'applied')
        this.#outcomes[place] = stale;
    });
  }

  /**
   * A row that the target refuses although it holds a newer version of it, or its delete, is superseded: servers look
   * at a document's size and validity before they look whether the filter matches.
   */
  async #forgiveSuperseded(): Promise<void> {
    const refused = this.rows.flatMap((row, place) =>
      this.#outcomes[place]!.kind === 'rejected' ? [{ ...row, place }] : [],
    );
    if (refused.length === 0) return;
    const held = await heldVersions(
      this.collection,
      refused.map(({ id }) => id),
    );
    const deleted = await this.tombstones.outranking(refused.map(({ change }) => change));
    for (const { id, change, place } of refused) {
      const version = held.get(idText(id))?.version;
      const newer = version !== undefined && version >= versionNumber(change.version);
      if (newer || deleted.has(change.keyText)) this.#outcomes[place] = stale;
    }
  }

  #insert({ mapper, id, change }: Upsert): Statement {
    const document = mapper.document(id, change.after, change.version, this.at);
    return { insertOne: { document: document as never } };
  }

  #guarded(row: Upsert): Statement {
    const version = versionLong(row.change.version);
    return this.#write(row, { '_sync.v': { $lt: version } }, true);
  }

  #replace(row: Upsert, { unchanged }: HeldVersion): Statement {
    return this.#write(row, unchanged, false);
  }

  #write({ mapper, id, change }: Upsert, guard: object, upsert: boolean): Statement {
    const filter = { _id: id as never, ...guard };
    // A field name that begins with `$` would make a replacement look like operators; a literal is never read.
    if (mapper.dollarFields) {
      const document = mapper.document(id, change.after, change.version, this.at);
      return { updateOne: { filter, update: [{ $replaceWith: { $literal: document } }], upsert } };
    }
    const replacement = mapper.document(undefined, change.after, change.version, this.at);
    return { replaceOne: { filter, replacement: replacement as never, upsert } };
  }
}
