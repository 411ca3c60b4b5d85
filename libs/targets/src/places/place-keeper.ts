import { transient } from '@tributary/kernel';
import { targetSettings, type TableSettings } from '@tributary/sync-config';
import type { TargetRules } from '../target-plugin';
import type { PlaceOwner } from './place';
import type { PlaceStore } from './place-store';
import { foreignTrouble, standing, withOwner, type PipelineIdentity, type Standing } from './standing';

/** Which events of a table may be applied, by their epochs. */
export type Admission =
  | { readonly kind: 'all' }
  /** Another pipeline owns the place: none, and none may be removed. */
  | { readonly kind: 'none' }
  /** The target holds versions of another change log up to this epoch: older events are superseded by the load that comes. */
  | { readonly kind: 'above'; readonly epoch: number };

export interface PlaceKeeperParts {
  readonly target: Pick<TargetRules, 'name' | 'place' | 'words'>;
  readonly store: PlaceStore;
  /** As last heard of; `refresh` asks Kafka. */
  identity(): PipelineIdentity | undefined;
  /** Throws a SyncError `retry` while Kafka is away. */
  refresh(): Promise<void>;
  suspend(table: string, trouble: ReturnType<typeof foreignTrouble>): void;
  lift(table: string): void;
  /** Asks the relay for an epoch above this one, with a load of every table; resolves when Kafka has it. */
  demandEpoch(epoch: number, reason: string): Promise<void>;
  demandLoad(table: string, reason: string): Promise<void>;
  /** How long an event of an epoch that the relay has not said is waited with. */
  readonly patienceMs: number;
}

interface Kept {
  readonly settings: TableSettings;
  /** Up to which epoch the target's own record of the place says that rows may stand there. */
  readonly epoch: number;
  readonly admission: Admission;
}

const TRIES = 50;
const MOST_STRANGE = 100;

/** Sees to it that a sink writes only where its pipeline is the owner, and only versions that can be compared (R4). */
export class PlaceKeeper {
  readonly #parts: PlaceKeeperParts;
  readonly #kept = new Map<string, Kept>();
  /** When epochs were first met that the relay has not said, by `performance.now`. */
  readonly #strange = new Map<number, number>();

  constructor(parts: PlaceKeeperParts) {
    this.#parts = parts;
  }

  get identity(): PipelineIdentity {
    const identity = this.#parts.identity();
    if (!identity)
      throw transient(
        'IDENTITY',
        'The sink waits for the relay to say whose pipeline this is: see that a relay leads.',
      );
    return identity;
  }

  /**
   * Whether events of a table up to this epoch may be applied; claims its place when nobody has it, and raises the
   * epoch of its record before a row of it is written. Costs nothing while both are known.
   */
  async admit(settings: TableSettings, epoch: number): Promise<Admission> {
    const kept = this.#kept.get(settings.table);
    if (kept && kept.admission.kind !== 'none' && epoch <= kept.epoch) return kept.admission;
    // A place of somebody else is looked at before each batch that is left out, so that none is after it was taken over.
    return (await this.#look(settings, epoch)).admission;
  }

  /** Suspends those of these tables whose places belong to somebody else, and claims nothing. */
  async inspect(tables: readonly TableSettings[]): Promise<void> {
    const { target, store } = this.#parts;
    const records = await store.all(tables.map((settings) => target.place(settings).database));
    for (const settings of tables) {
      const { shared } = targetSettings(settings, target.name);
      const found = standing(target.place(settings), shared, records, this.identity);
      if (found.kind === 'foreign') this.#refuse(settings, found);
      else if (this.#kept.get(settings.table)?.admission.kind === 'none') await this.#look(settings, 0);
      // The record is gone or another one: the next event asks again.
      else if (found.kind === 'free' || found.owner.epoch !== this.#kept.get(settings.table)?.epoch)
        this.#kept.delete(settings.table);
    }
  }

  /** The tables that have been asked for. */
  known(): TableSettings[] {
    return [...this.#kept.values()].map(({ settings }) => settings);
  }

  /** The highest epoch that the relay has been asked to stand above and does not yet; 0: none. */
  get awaited(): number {
    const epochs = [...this.#kept.values()].map(({ admission }) =>
      admission.kind === 'above' ? admission.epoch : 0,
    );
    return epochs.reduce((max, epoch) => Math.max(max, epoch), 0);
  }

  /** Asks Kafka whose versions come now. Of another change log, all places are looked at again. */
  async hear(): Promise<void> {
    const before = this.#parts.identity();
    await this.#parts.refresh();
    const after = this.#parts.identity();
    if (before?.pipeline === after?.pipeline && before?.incarnation === after?.incarnation) return;
    for (const [table, { admission }] of this.#kept) if (admission.kind !== 'none') this.#kept.delete(table);
  }

  /**
   * The highest epoch that a version can have: the relay says so before it gives the first one of it. Throws a SyncError
   * `retry` when this one is above it, until that has lasted: then nobody of this pipeline gave it.
   */
  async highest(epoch: number): Promise<number> {
    if (epoch <= this.identity.epoch) return this.identity.epoch;
    await this.hear();
    const known = this.identity.epoch;
    if (epoch <= known) return known;
    const since = this.#strange.get(epoch) ?? performance.now();
    if (this.#strange.size < MOST_STRANGE) this.#strange.set(epoch, since);
    if (performance.now() - since < this.#parts.patienceMs)
      throw transient(
        'EPOCH',
        `An event has a version of epoch ${epoch}, the relay gives epoch ${known}: waiting for the relay to say so.`,
      );
    return known;
  }

  async #look(settings: TableSettings, epoch: number): Promise<Kept> {
    const { target, store } = this.#parts;
    if (epoch > this.identity.epoch) await this.hear();
    const place = target.place(settings);
    const { shared } = targetSettings(settings, target.name);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { records, mark } = await store.near(place);
      const found = standing(place, shared, records, this.identity);
      if (found.kind === 'foreign') return this.#refuse(settings, found);
      const { owner, admission } = await this.#owner(settings, found);
      const same = found.kind === 'ours' && JSON.stringify(owner) === JSON.stringify(found.owner);
      if (same || (await store.write(place, [withOwner(place, records, owner)], mark)))
        return this.#keep({ settings, epoch: owner.epoch, admission });
    }
    throw transient('PLACE', `The record of ${place.id} is changed by others all the time; trying again.`);
  }

  /** The owner as it is to stand in the record, and what that admits. */
  async #owner(
    settings: TableSettings,
    found: Exclude<Standing, { kind: 'foreign' }>,
  ): Promise<{ owner: PlaceOwner; admission: Admission }> {
    const { target, demandEpoch, demandLoad } = this.#parts;
    const { table } = settings;
    const { shared } = targetSettings(settings, target.name);
    const all: Admission = { kind: 'all' };
    const now = new Date().toISOString();
    if (found.kind === 'free')
      return { owner: { ...identityOf(this.identity), tables: [table], shared, since: now }, admission: all };
    const held = found.owner;
    // A record that another copy has just raised is no reason for a demand.
    if (!isAbove(this.identity, held)) await this.hear();
    const { pipeline, name, incarnation, epoch } = this.identity;
    const tables = held.tables.includes(table) ? held.tables : [...held.tables, table];
    const { taken, ...known } = held;
    const owner: PlaceOwner = { ...known, pipeline, name, tables, shared };
    if (!isAbove(this.identity, held)) {
      await demandEpoch(
        held.epoch,
        `${target.name} holds versions of another change log up to epoch ${held.epoch} in the place of ${table}`,
      );
      return { owner, admission: { kind: 'above', epoch: held.epoch } };
    }
    if (taken)
      for (const one of tables)
        await demandLoad(one, `its place in ${target.name} was taken over from another pipeline`);
    return { owner: { ...owner, incarnation, epoch }, admission: all };
  }

  #refuse(settings: TableSettings, found: Extract<Standing, { kind: 'foreign' }>): Kept {
    const { target, suspend } = this.#parts;
    suspend(
      settings.table,
      foreignTrouble(target, settings.table, targetSettings(settings, target.name).shared, found),
    );
    return this.#keep({ settings, epoch: -1, admission: { kind: 'none' } });
  }

  #keep(kept: Kept): Kept {
    const { table } = kept.settings;
    const before = this.#kept.get(table);
    this.#kept.set(table, kept);
    if (before?.admission.kind === 'none' && kept.admission.kind !== 'none') this.#parts.lift(table);
    return kept;
  }
}

/** A note of Kafka says more. */
const identityOf = ({ pipeline, name, incarnation, epoch }: PipelineIdentity): PipelineIdentity => ({
  ...{ pipeline, name },
  ...{ incarnation, epoch },
});

/** Whether every version of the identity is to be compared with, or stands above, what the record says is held. */
const isAbove = (identity: PipelineIdentity, held: PlaceOwner) =>
  held.incarnation === identity.incarnation ? identity.epoch >= held.epoch : identity.epoch > held.epoch;
