import { errorText } from '@tributary/kernel';
import { DeadLetterStore, DeadLetterWriter } from '@tributary/dead-letters';
import { ensureTopics, loadsGroup, PipelineNotes, readHeartbeats, SchemaStore } from '@tributary/topics';
import type { BatchServer, RecordPublisher, Round, Transport } from '@tributary/transport';
import {
  ActivityMeter,
  ConsumerWatch,
  GroupWatch,
  Heartbeats,
  InstanceWatch,
  LoadsWatch,
  PausedTables,
  SuspensionNotes,
  serviceTransport,
  TopicHealth,
  type ServiceContext,
} from '@tributary/service';
import { notesGroup, SweepNotes, type ConnectedTarget, type TargetRules } from '@tributary/targets';
import { CanaryGauge } from './canary-gauge';
import { SinkFeed, type FeedWork } from './sink-feed';
import { SinkPlaces } from './sink-places';
import { SinkReport } from './sink-report';
import { UnfitTables } from './unfit-tables';

/** How often the target's own notes are looked at, since an idle partition has no batch that would (R12). */
const CHECK_MS = 5000;
/** Every so many checks the places are looked at, at each one while something is wrong with one, and the notes about loads. */
const PLACES_EVERY = 3;

/** How often the notes of paused tables are looked at. */
const PAUSES_MS = 1_000;

/** What a sink does with a target. */
export type SinkTarget = Pick<ConnectedTarget, 'writer' | 'positions' | 'sweepNotes' | 'places'>;

/** A target that is not connected yet. */
export interface TargetConnector {
  readonly target: TargetRules;
  /** Throws a SyncError: `retry` while the target is away, fatal when it refuses us. */
  connect(): Promise<SinkTarget>;
}

/** The parts of a running sink, their start and their end; both sinks are this, around different targets. */
export class SinkPipeline {
  readonly #context: ServiceContext;
  readonly #target: TargetConnector;
  readonly #kafka: Transport;
  readonly #live: SinkFeed;
  readonly #loads: SinkFeed;
  readonly #publisher: RecordPublisher;
  readonly #store: SchemaStore;
  readonly #deadLetters: DeadLetterWriter;
  readonly #watch: ConsumerWatch;
  readonly #loadsWatch: LoadsWatch;
  readonly #group: GroupWatch;
  readonly #heartbeats: Heartbeats;
  readonly #notes: PipelineNotes;
  readonly #places: SinkPlaces;
  readonly #unfit: UnfitTables;
  readonly #paused: PausedTables;
  readonly #stop = new AbortController();
  #following: Promise<void> | undefined;
  #connected: SinkTarget | undefined;
  readonly #topics: TopicHealth;
  #beginning: Promise<FeedWork> | undefined;
  #checkTimer: NodeJS.Timeout | undefined;
  #checking = false;
  #checks = 0;

  constructor(
    context: ServiceContext,
    target: TargetConnector,
    private readonly checkMs = CHECK_MS,
  ) {
    const { log, app } = context;
    const { config } = context.env;
    const groupId = `${config.prefix}.${app}`;
    const kafka = serviceTransport(context);
    const activity = new ActivityMeter();
    this.#context = context;
    this.#target = target;
    this.#kafka = kafka;
    this.#publisher = kafka.publisher();
    this.#store = new SchemaStore(kafka, config.topics.schemas, log);
    this.#notes = new PipelineNotes(kafka, config.topics.notes, log);
    this.#places = new SinkPlaces({
      ...{ context, notes: this.#notes, publisher: this.#publisher, target: target.target },
      tables: () => this.#store.tables(),
    });
    this.#unfit = new UnfitTables({
      ...{ target: target.target, config, tables: context.tables },
      schemas: () => this.#store.all(),
    });
    this.#paused = new PausedTables({
      ...{ context, notes: this.#notes, target: target.target.name },
      lookMs: Math.min(checkMs, PAUSES_MS),
    });
    this.#deadLetters = new DeadLetterWriter(this.#publisher, config.topics.deadLetters, app);
    this.#topics = new TopicHealth({ context, kafka, notes: this.#notes, publisher: this.#publisher });
    const { validated, validatedLoads } = config.topics;
    const feedParts = {
      ...{ context, kafka, admin: kafka.admin(), topics: this.#topics },
      report: new SinkReport(context, activity),
      begun: () => this.#begun(),
    };
    this.#live = new SinkFeed({
      ...{ ...feedParts, feed: 'live', groupId, pattern: 'validated', topic: validated },
      paused: () => this.#paused.tables,
      canary: new CanaryGauge(context.metrics, target.target.name, config.canarySeconds),
    });
    this.#loads = new SinkFeed({
      ...{ ...feedParts, feed: 'loads', groupId: loadsGroup(groupId), pattern: 'validatedLoads' },
      ...{ topic: validatedLoads, behind: this.#live },
      // Of a table that is paused for all targets the relay publishes nothing, but who writes bulk records may not know it.
      paused: () => this.#paused.anywhere,
    });
    this.#watch = new ConsumerWatch(context, this.server, this.#publisher, (table) =>
      this.#store.tables().has(table),
    );
    this.#loadsWatch = new LoadsWatch(context, this.#loads.server);
    this.#group = new GroupWatch(context, kafka, [
      { group: groupId, topic: validated },
      { group: loadsGroup(groupId), topic: validatedLoads },
    ]);
    this.#heartbeats = new Heartbeats(context, this.#publisher, activity, () => this.#watch.lag());
    context.health.ready({ name: target.target.name, check: () => this.#pinged.writer.ping() });
  }

  /** The consumer of live changes. */
  get server(): BatchServer {
    return this.#live.server;
  }

  get servers(): readonly BatchServer[] {
    return [this.#live.server, this.#loads.server];
  }

  /** Throws a SyncError: `retry` while the target or Kafka is away, fatal when one of them refuses us. */
  async start(): Promise<void> {
    this.#connected ??= await this.#target.connect();
    await ensureTopics(this.#kafka, this.#context.env.config);
    await this.#store.start();
    await this.#publisher.start();
    this.#heartbeats.start();
    this.#topics.start();
    this.#group.start();
    this.#checkTimer = setInterval(() => void this.#checkTarget(), this.checkMs);
  }

  /** Nest's hook; the consumer has been closed before. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#checkTimer);
    this.#stop.abort();
    await this.#following;
    await this.#heartbeats.stop();
    await this.#topics.stop();
    await this.#group.stop();
    await this.#context.tables.disconnect();
    await this.#notes.close();
    await this.#publisher.stop();
    await this.#store.stop();
    await this.#connected?.writer.close();
  }

  /** Handles one round of validated events. Throws a SyncError `retry` when it has to come again. */
  async handle(round: Round, signal: AbortSignal): Promise<void> {
    const feed = round[0]?.topic === this.#loads.topic ? this.#loads : this.#live;
    await feed.handle(round, signal);
  }

  get #pinged(): SinkTarget {
    if (!this.#connected) throw new Error('not connected yet');
    return this.#connected;
  }

  /** The first assignment begins it, when the relay has said whose pipeline this is; the target is connected by then. */
  #begun(): Promise<FeedWork> {
    this.#beginning ??= this.#workOn(this.#pinged).catch((error: unknown) => {
      this.#beginning = undefined;
      throw error;
    });
    return this.#beginning;
  }

  async #workOn({ writer, positions, sweepNotes, places: placeStore }: SinkTarget): Promise<FeedWork> {
    const { env, app, tables } = this.#context;
    const { config } = env;
    const group = await notesGroup(placeStore, `${config.prefix}.${app}`, await this.#places.identity());
    const places = await this.#places.start(placeStore, 2 * this.checkMs);
    this.#paused.take();
    await this.#unfit.look();
    tables.connect(
      new SuspensionNotes({
        ...{ context: this.#context, notes: this.#notes, publisher: this.#publisher, loads: 'demand' },
        copies: new InstanceWatch(() => readHeartbeats(this.#kafka, config.topics.heartbeats)),
      }),
    );
    this.#following ??= this.#paused.follow(this.#stop.signal, () => this.#lookAtResumed());
    return {
      ...{ notesGroup: group, target: { positions, sweepNotes } },
      handler: {
        ...{ target: this.#target.target, config, schemas: this.#store, writer, places },
        // Both feeds have the same: a newer load of a table takes the place of an older one, wherever it stands.
        sweepNotes: new SweepNotes(sweepNotes(group)),
        isSuspended: (table) => tables.isSuspended(table),
        fits: (settings, schema) => this.#unfit.fits(settings, schema),
        leftOut: () => tables.settled(),
        refusedSince: (table, floor) =>
          new DeadLetterStore(this.#kafka, config.topics).rows(table, floor, this.#store),
        deadLetters: (rejected) => this.#deadLetters.send(rejected),
      },
    };
  }

  async #lookAtResumed(): Promise<void> {
    for (const feed of [this.#live, this.#loads]) await feed.lookAtResumed();
  }

  get #trouble(): string | null {
    return this.#watch.trouble ?? this.#loadsWatch.trouble;
  }

  async #checkTarget(): Promise<void> {
    const { metrics, log } = this.#context;
    metrics.trouble.set({ stage: metrics.stage }, this.#trouble === null ? 0 : 1);
    if (this.#checking || !this.server.state.joined) return;
    this.#checking = true;
    this.#checks += 1;
    try {
      await this.#live.check();
      if (this.#checks % PLACES_EVERY === 0) await this.#loads.check();
      await this.#unfit.look();
      if (this.#places.pending || this.#checks % PLACES_EVERY === 0) await this.#places.check();
    } catch (error) {
      // Readiness tells that the target or Kafka is away; the next look comes by itself.
      log.debug({ reason: errorText(error) }, 'positions and places could not be checked');
    } finally {
      this.#checking = false;
    }
  }
}
