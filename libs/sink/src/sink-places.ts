import type { EpochDemandNote, PipelineNotes } from '@tributary/topics';
import { AwaitsWork, type RecordPublisher } from '@tributary/transport';
import type { ServiceContext } from '@tributary/service';
import { targetSettings, type TableSettings } from '@tributary/sync-config';
import {
  FOREIGN_PLACE,
  PlaceKeeper,
  type PipelineIdentity,
  type PlaceStore,
  type TargetRules,
} from '@tributary/targets';

const TOKEN = /^[0-9a-f]{32}$/;

export interface SinkPlacesParts {
  readonly context: Pick<ServiceContext, 'app' | 'env' | 'log' | 'tables'>;
  readonly target: Pick<TargetRules, 'name' | 'place' | 'words'>;
  readonly notes: PipelineNotes;
  readonly publisher: RecordPublisher;
  /** Names of all tables that ever had a schema. */
  tables(): Iterable<string>;
}

/** Whose pipeline a sink works for, as the relay says on Kafka, and which places of the target it may write to. */
export class SinkPlaces {
  readonly #parts: SinkPlacesParts;
  readonly #notes: PipelineNotes;
  /** Kept when the topic is made anew, until the relay says it again. */
  #identity: PipelineIdentity | undefined;
  #keeper: PlaceKeeper | undefined;

  constructor(parts: SinkPlacesParts) {
    this.#parts = parts;
    this.#notes = parts.notes;
  }

  /** Throws a SyncError `retry` while Kafka is away, and AwaitsWork while no relay has said it: there is nothing to apply. */
  async identity(): Promise<PipelineIdentity> {
    await this.#refresh();
    if (this.#identity) return this.#identity;
    throw new AwaitsWork(
      `The sink waits for the relay to say whose pipeline this is (topic ${this.#parts.context.env.config.topics.notes}): see that a relay runs and leads.`,
    );
  }

  /**
   * Looks at the places of all tables that are known so far. `patienceMs`: how long an event of an epoch that no relay has
   * said is waited with.
   */
  async start(store: PlaceStore, patienceMs: number): Promise<PlaceKeeper> {
    const { context, target, publisher } = this.#parts;
    const { app, tables } = context;
    const at = () => new Date().toISOString();
    const keeper = new PlaceKeeper({
      ...{ target, store, patienceMs },
      ...{ identity: () => this.#identity, refresh: () => this.#refresh() },
      suspend: (table, trouble) => tables.suspend(table, trouble),
      lift: (table) => void tables.lift(table, FOREIGN_PLACE),
      demandEpoch: (epoch, reason) => this.#demand(epoch, reason),
      demandLoad: (table, reason) =>
        this.#notes.put(publisher, { kind: 'load', app, table, reason, at: at() }),
    });
    await keeper.inspect(this.#settings());
    for (const { table } of this.#settings().filter(
      (settings) => targetSettings(settings, target.name).shared,
    ))
      context.log.info(
        { event: 'place-shared', table },
        `${table} shares its place with other pipelines (shared: true): rows that the source no longer has are not removed by loads`,
      );
    this.#keeper = keeper;
    return keeper;
  }

  /** To be called every few seconds: places are taken over, topics made anew. Throws a SyncError `retry`. */
  async check(): Promise<void> {
    const keeper = this.#keeper;
    if (!keeper) return;
    await keeper.hear();
    const known = new Map(
      [...this.#settings(), ...keeper.known()].map((settings) => [settings.table, settings]),
    );
    await keeper.inspect([...known.values()]);
    const { awaited } = keeper;
    if (awaited >= (this.#identity?.epoch ?? 0) && awaited > (this.#demanded?.epoch ?? -1))
      await this.#demand(awaited, 'it holds versions of another change log');
  }

  /** Whether something is to be looked at more often. */
  get pending(): boolean {
    return (this.#keeper?.awaited ?? 0) > 0 || this.#parts.context.tables.of(FOREIGN_PLACE).length > 0;
  }

  get #demanded(): EpochDemandNote | undefined {
    return this.#notes.of('epoch-above').find(({ app }) => app === this.#parts.context.app);
  }

  async #demand(epoch: number, reason: string): Promise<void> {
    const { context, publisher } = this.#parts;
    const { app, log } = context;
    if ((this.#demanded?.epoch ?? -1) >= epoch) return;
    await this.#notes.put(publisher, {
      kind: 'epoch-above',
      app,
      epoch,
      reason,
      at: new Date().toISOString(),
    });
    log.warn(
      { event: 'epoch-demanded', epoch },
      `the relay is asked for versions above epoch ${epoch}, with a load of every table, because ${reason}; older events of the tables concerned are superseded by it`,
    );
  }

  async #refresh(): Promise<void> {
    await this.#notes.refresh();
    const note = this.#notes.identity;
    if (note && TOKEN.test(note.pipeline) && TOKEN.test(note.incarnation)) this.#identity = note;
  }

  #settings(): TableSettings[] {
    const { context, target, tables } = this.#parts;
    return [...tables()].flatMap((table) => {
      const settings = context.env.config.table(table);
      return settings && targetSettings(settings, target.name).enabled ? [settings] : [];
    });
  }
}
