import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { transient } from '@tributary/change-event';
import {
  BatchServer,
  createKafka,
  DeadLetters,
  HeartbeatPublisher,
  OversizeRecordError,
  Publisher,
  SchemaStore,
  TopicAdmin,
  type AssignedPartitions,
  type InRecord,
  type Positions,
  type RecordBatch,
} from '@tributary/kafka';
import type { TargetWriter } from '../row-change';
import { PositionKeeper, type Loss, type PositionStore } from './position-keeper';
import { SinkActivity } from './sink-activity';
import { SinkHandler, type Rejected, type SinkBatch } from './sink-handler';
import type { SinkHost } from './sink-host';

/** How often the target's own notes are looked at, since an idle partition has no batch that would (R12). */
const CHECK_MS = 5000;
const HEARTBEAT_MS = 3000;
const RETIRE_MS = 1000;
/** No progress for so long, with work waiting and no server down, means that this process is stuck. */
const STUCK_MS = 120_000;

export interface SinkTarget {
  readonly target: 'mongo' | 'redis';
  readonly writer: TargetWriter;
  /** Where the target notes the positions of a consumer group on a topic. */
  positions(group: string, topic: string): PositionStore;
}

/** The parts of a running sink, their start and their end; both sinks are this, around different targets. */
export class SinkPipeline {
  readonly server: BatchServer;
  readonly #host: SinkHost;
  readonly #target: SinkTarget;
  readonly #topic: string;
  readonly #admin: TopicAdmin;
  readonly #publisher: Publisher;
  readonly #store: SchemaStore;
  readonly #keeper: PositionKeeper;
  readonly #handler: SinkHandler<InRecord>;
  readonly #heartbeats: HeartbeatPublisher;
  readonly #activity: SinkActivity;
  readonly #timers: NodeJS.Timeout[] = [];
  #checking = false;

  constructor(host: SinkHost, target: SinkTarget) {
    const { log, app } = host;
    const { config } = host.env;
    const groupId = `${config.prefix}.${app}`;
    const kafka = createKafka(host.kafkaSettings, log);
    this.#host = host;
    this.#target = target;
    this.#topic = config.topics.validated;
    this.#admin = new TopicAdmin(kafka);
    this.#publisher = new Publisher(kafka, log);
    this.#store = new SchemaStore(kafka, config.topics.schemas, log);
    this.#heartbeats = new HeartbeatPublisher(this.#publisher, config.topics.heartbeats);
    this.#activity = new SinkActivity(host);
    this.#keeper = new PositionKeeper(target.positions(groupId, this.#topic), {
      committed: () => this.#admin.groupOffsets(groupId, this.#topic),
      oldest: async () =>
        new Map([...(await this.#admin.watermarks(this.#topic))].map(([at, { low }]) => [at, low])),
    });
    const letters = new DeadLetters(this.#publisher, config.topics.deadLetters, app);
    this.#handler = new SinkHandler<InRecord>({
      ...{ target: target.target, config, schemas: this.#store, writer: target.writer },
      positions: this.#keeper,
      deadLetters: (batch, rejected) => bury(letters, batch, rejected),
      rewind: (topic, partition, offset) => this.server.rewind(topic, partition, offset),
    });
    this.server = new BatchServer({
      ...{ kafka, log, groupId },
      topics: { validated: this.#topic },
      onAssigned: (assignment) => this.#assigned(assignment),
    });
    this.#watch();
  }

  /** Nest's hook. Throws a fatal SyncError when Kafka cannot be used as the environment says. */
  async onModuleInit(): Promise<void> {
    await this.#admin.ensureTopics(this.#host.env.config);
    await this.#store.start();
    await this.#publisher.start();
    this.#timers.push(setInterval(() => void this.#checkTarget(), CHECK_MS));
    this.#timers.push(setInterval(() => void this.#heartbeat(), HEARTBEAT_MS));
  }

  /** Nest's hook; the consumer has been closed before. */
  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    const retired = this.#heartbeats.retire(this.#host).catch(() => undefined);
    // Kafka may be away: then the others find out by the silence.
    await Promise.race([retired, sleep(RETIRE_MS, undefined, { ref: false })]);
    await this.#publisher.stop();
    await this.#store.stop();
    await this.#target.writer.close();
  }

  /** Handles one batch of validated events. Throws a SyncError `retry` when it has to come again. */
  async handle(batch: RecordBatch, signal: AbortSignal): Promise<void> {
    const started = performance.now();
    const report = await this.#handler.handle(batch, signal);
    this.#activity.batch(batch, report, (performance.now() - started) / 1000);
    if (report.loss) this.#logLoss(report.loss);
  }

  async #assigned(assignment: AssignedPartitions): Promise<Positions> {
    const losses = await this.#keeper.assigned(assignment.get(this.#topic) ?? []);
    for (const loss of losses) this.#logLoss(loss);
    return new Map([[this.#topic, new Map(losses.map(({ partition, offset }) => [partition, offset]))]]);
  }

  async #checkTarget(): Promise<void> {
    this.#host.metrics.trouble.set({ stage: this.#host.metrics.stage }, this.#trouble() === null ? 0 : 1);
    if (this.#checking || !this.server.state.joined) return;
    this.#checking = true;
    try {
      for (const loss of await this.#keeper.check()) {
        this.#logLoss(loss);
        await this.#handler.feedAgain(this.#topic, loss);
      }
    } catch (error) {
      // Readiness tells that the target or Kafka is away; the next look comes by itself.
      this.#host.log.debug({ reason: (error as Error).message }, 'The positions could not be checked');
    } finally {
      this.#checking = false;
    }
  }

  #logLoss({ partition, stands, offset, needsSnapshot }: Loss): void {
    const fields = {
      event: 'target-lost-tail',
      topic: this.#topic,
      partition,
      stands: String(stands),
      offset: String(offset),
    };
    if (needsSnapshot)
      this.#host.log.error(
        fields,
        `The target lacks events of partition ${partition} that Kafka may not have any more: it is fed again from the oldest on; run "tributary snapshot start" to make it whole`,
      );
    else
      this.#host.log.warn(
        fields,
        `The target has lost its newest events of partition ${partition}; it is fed again`,
      );
  }

  #trouble(): string | null {
    return this.server.state.trouble ?? this.#publisher.trouble;
  }

  async #heartbeat(): Promise<void> {
    const { app, instance, startedAt, env, health } = this.#host;
    const faults = [...(await health.readiness()).values()].filter((fault) => fault !== null);
    try {
      await this.#heartbeats.publish({
        ...{ app, instance, pid: process.pid, host: hostname(), port: env.port },
        ...{ startedAt: startedAt.toISOString(), at: new Date().toISOString() },
        ...{ ready: faults.length === 0, trouble: faults[0] ?? null, tables: this.#activity.tables() },
        lagEvents: this.server.state.joined ? Number(this.#lag()) : null,
      });
    } catch (error) {
      this.#host.log.debug({ reason: (error as Error).message }, 'No heartbeat could be sent');
    }
  }

  #lag(): bigint {
    return [...this.server.state.lag.values()].reduce((sum, one) => sum + one, 0n);
  }

  #watch(): void {
    const { health, metrics } = this.#host;
    const { target, writer } = this.#target;
    const { state } = this.server;
    health.ready({ name: target, check: () => writer.ping() });
    health.ready({
      name: 'kafka',
      check: () => {
        const trouble = this.#trouble();
        if (trouble !== null) throw new Error(trouble);
        if (!state.joined) throw new Error('The consumer group has not let this instance in yet.');
      },
    });
    health.live({
      name: 'progress',
      check: () => {
        const idleMs = Date.now() - state.lastProgressAt;
        if (state.joined && state.trouble === null && this.#lag() > 0n && idleMs > STUCK_MS)
          throw new Error(`No batch was finished for ${Math.round(idleMs / 1000)} s though events wait.`);
      },
    });
    metrics.observe(
      'tributary_consumer_lag_events',
      'Events fetched from Kafka last that wait to be handled',
      () => Number(this.#lag()),
    );
  }
}

async function bury(
  letters: DeadLetters,
  { topic, partition }: SinkBatch<InRecord>,
  rejected: readonly Rejected<InRecord>[],
): Promise<void> {
  try {
    await letters.send(rejected.map(({ record, rejection }) => ({ record, topic, partition, rejection })));
  } catch (error) {
    if (!(error instanceof OversizeRecordError)) throw error;
    throw transient(
      'DEAD_LETTER_TOO_LARGE',
      `Topic ${error.topic} takes no dead letter of this size: raise its max.message.bytes above that of ${topic}.`,
      error,
    );
  }
}
