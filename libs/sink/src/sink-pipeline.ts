import { errorText } from '@tributary/kernel';
import { DeadLetterStore, DeadLetterWriter } from '@tributary/dead-letters';
import { ensureTopics, PipelineNotes, readHeartbeats, SchemaStore } from '@tributary/topics';
import {
  BatchServer,
  type AssignedPartitions,
  type InRecord,
  type Positions,
  type RecordPublisher,
  type Round,
  type Standing,
  type TopicAdmin,
  type Transport,
} from '@tributary/transport';
import {
  ActivityMeter,
  ConsumerWatch,
  GroupWatch,
  Heartbeats,
  InstanceWatch,
  PausedTables,
  SuspensionNotes,
  serviceTransport,
  TopicHealth,
  type ServiceContext,
} from '@tributary/service';
import {
  Backlog,
  backlogGroup,
  notesGroup,
  PositionKeeper,
  SinkHandler,
  SweepNotes,
  type Loss,
  type ConnectedTarget,
  type TargetRules,
  type TargetWriter,
} from '@tributary/targets';
import { CanaryGauge } from './canary-gauge';
import { kafkaOffsets } from './kafka-offsets';
import { ResumedTables } from './resumed-tables';
import { SinkPlaces } from './sink-places';
import { SinkReport } from './sink-report';
import { TopicChange } from './topic-change';
import { UnfitTables } from './unfit-tables';

/** How often the target's own notes are looked at, since an idle partition has no batch that would (R12). */
const CHECK_MS = 5000;
/** Every so many checks the places are looked at; at each one while something is wrong with one. */
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

/** What needs the target. */
interface Work {
  readonly writer: TargetWriter;
  readonly keeper: PositionKeeper;
  readonly handler: SinkHandler<InRecord>;
  readonly topicChange: TopicChange;
  readonly resumed: ResumedTables;
}

/** The parts of a running sink, their start and their end; both sinks are this, around different targets. */
export class SinkPipeline {
  readonly server: BatchServer;
  readonly #context: ServiceContext;
  readonly #target: TargetConnector;
  readonly #topic: string;
  readonly #kafka: Transport;
  readonly #admin: TopicAdmin;
  readonly #publisher: RecordPublisher;
  readonly #store: SchemaStore;
  readonly #deadLetters: DeadLetterWriter;
  readonly #watch: ConsumerWatch;
  readonly #group: GroupWatch;
  readonly #heartbeats: Heartbeats;
  readonly #report: SinkReport;
  readonly #canary: CanaryGauge;
  readonly #notes: PipelineNotes;
  readonly #places: SinkPlaces;
  readonly #unfit: UnfitTables;
  readonly #paused: PausedTables;
  readonly #stop = new AbortController();
  #following: Promise<void> | undefined;
  #connected: SinkTarget | undefined;
  readonly #topics: TopicHealth;
  #work: Work | undefined;
  #beginning: Promise<Work> | undefined;
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
    this.#topic = config.topics.validated;
    this.#kafka = kafka;
    this.#admin = kafka.admin();
    this.#publisher = kafka.publisher();
    this.#store = new SchemaStore(kafka, config.topics.schemas, log);
    this.#report = new SinkReport(context, activity);
    this.#canary = new CanaryGauge(context.metrics, target.target.name, config.canarySeconds);
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
    this.server = new BatchServer({
      ...{ transport: kafka, groupId },
      topics: { validated: this.#topic },
      onAssigned: (assignment, standing) => this.#assigned(assignment, standing),
      beforeCommit: (offsets) => this.#note(offsets),
    });
    this.#topics = new TopicHealth({ context, kafka, notes: this.#notes, publisher: this.#publisher });
    this.#watch = new ConsumerWatch(context, this.server, this.#publisher, (table) =>
      this.#store.tables().has(table),
    );
    this.#group = new GroupWatch(context, kafka, [{ group: groupId, topic: this.#topic }]);
    this.#heartbeats = new Heartbeats(context, this.#publisher, activity, () => this.#watch.lag());
    context.health.ready({ name: target.target.name, check: () => this.#pinged.writer.ping() });
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
    const started = performance.now();
    const report = await this.#started.handler.handle(round, signal);
    this.#canary.handled(round);
    this.#report.round(report, (performance.now() - started) / 1000);
  }

  get #started(): Work {
    if (!this.#work) throw new Error('not connected yet');
    return this.#work;
  }

  get #pinged(): SinkTarget {
    if (!this.#connected) throw new Error('not connected yet');
    return this.#connected;
  }

  /** The first assignment begins it, when the relay has said whose pipeline this is; the target is connected by then. */
  #begun(): Promise<Work> {
    this.#beginning ??= this.#workOn(this.#pinged)
      .then((work) => (this.#work = work))
      .catch((error: unknown) => {
        this.#beginning = undefined;
        throw error;
      });
    return this.#beginning;
  }

  async #workOn({ writer, positions, sweepNotes, places: placeStore }: SinkTarget): Promise<Work> {
    const { env, app, tables } = this.#context;
    const { config } = env;
    const groupId = `${config.prefix}.${app}`;
    const group = await notesGroup(placeStore, groupId, await this.#places.identity());
    const places = await this.#places.start(placeStore, 2 * this.checkMs);
    this.#paused.take();
    await this.#unfit.look();
    tables.connect(
      new SuspensionNotes({
        ...{ context: this.#context, notes: this.#notes, publisher: this.#publisher, loads: 'demand' },
        copies: new InstanceWatch(() => readHeartbeats(this.#kafka, config.topics.heartbeats)),
      }),
    );
    const store = positions(group, this.#topic);
    const keeper = new PositionKeeper(store, kafkaOffsets(this.#admin, groupId, this.#topic));
    const handler: SinkHandler<InRecord> = new SinkHandler<InRecord>({
      ...{ target: this.#target.target, config, schemas: this.#store, writer },
      positions: keeper,
      sweepNotes: new SweepNotes(sweepNotes(group)),
      leavesOut: () => resumed.leavesOut(),
      leftOutPaused: (...of) => resumed.leftOut(...of),
      places,
      isSuspended: (table) => tables.isSuspended(table),
      fits: (settings, schema) => this.#unfit.fits(settings, schema),
      leftOut: () => tables.settled(),
      refusedSince: (table, floor) =>
        new DeadLetterStore(this.#kafka, config.topics).rows(table, floor, this.#store),
      onProgress: () => this.server.progressed(),
      deadLetters: (rejected) => this.#deadLetters.send(rejected),
      confirmTopic: (topic) => this.server.confirmTopic(topic),
      onLoss: (loss) => this.#makeWhole(loss),
      rewind: (topic, partition, offset) => this.server.rewind(topic, partition, offset),
    });
    const resumed = new ResumedTables({
      ...{ topic: this.#topic, log: this.#context.log, keeper, handler },
      backlog: new Backlog(sweepNotes(backlogGroup(group))),
      paused: () => this.#paused.tables,
      demandLoad: (table, reason) => this.#topics.demandLoads(reason, table),
    });
    const topicChange = new TopicChange({
      ...{ topic: this.#topic, store, handler, health: this.#topics, resumed },
      lows: () => keeper.oldest(),
    });
    this.#following ??= this.#paused.follow(this.#stop.signal, () => this.#lookAtResumed());
    return { writer, keeper, handler, topicChange, resumed };
  }

  async #assigned(assignment: AssignedPartitions, standing: Standing): Promise<Positions> {
    const { keeper, topicChange, resumed } = await this.#begun();
    const partitions = assignment.get(this.#topic) ?? [];
    const committed = await topicChange.assigned(partitions, standing);
    const losses = await keeper.assigned(partitions, committed);
    for (const loss of losses) {
      this.#report.loss(this.#topic, loss);
      await this.#makeWhole(loss);
    }
    await resumed.assigned(partitions);
    this.#canary.assigned(partitions);
    return new Map([[this.#topic, new Map(losses.map(({ partition, offset }) => [partition, offset]))]]);
  }

  /** R12: the target notes what it holds before Kafka hears that it was done. */
  async #note(offsets: Positions): Promise<void> {
    const { keeper, handler } = this.#started;
    const next = offsets.get(this.#topic) ?? new Map<number, bigint>();
    const losses = await keeper.note([...next.keys()]);
    for (const { partition } of losses) this.#canary.rewound(partition);
    this.#canary.noted(next);
    for (const loss of losses) {
      this.#report.loss(this.#topic, loss);
      await handler.rewindToTarget(this.#topic, loss);
    }
  }

  /** What neither the target nor Kafka has any more only a load brings back. */
  async #makeWhole({ partition, needsSnapshot }: Loss): Promise<void> {
    this.#work?.resumed.lost();
    if (needsSnapshot)
      await this.#topics.demandLoads(
        `the target lacks events of partition ${partition} of ${this.#topic} that Kafka may not have any more`,
      );
  }

  async #lookAtResumed(): Promise<void> {
    if (this.#work && this.server.state.joined) await this.#work.resumed.look();
  }

  async #checkTarget(): Promise<void> {
    const { metrics, log } = this.#context;
    metrics.trouble.set({ stage: metrics.stage }, this.#watch.trouble === null ? 0 : 1);
    if (this.#checking || !this.server.state.joined) return;
    this.#checking = true;
    this.#checks += 1;
    try {
      for (const loss of await this.#started.keeper.check()) {
        this.#report.loss(this.#topic, loss);
        await this.#started.handler.rewindToTarget(this.#topic, loss);
      }
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
