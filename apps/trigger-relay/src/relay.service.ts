import { hostname } from 'node:os';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LeaseLostError, LogReader, mysqlError, openMysql, requireUsable } from '@tributary/capture';
import { SyncError, errorText, pause, within } from '@tributary/kernel';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { createKafka, PipelineNotes, Publisher, SchemaStore, TopicAdmin, type Kafka } from '@tributary/kafka';
import { installAtStart, kafkaView, leadTerm, TermEndsError, TopicPositions } from '@tributary/relay';
import { ActivityMeter, Heartbeats, ServiceContext, TopicHealth, untilStarted } from '@tributary/service';
import { IdentityReport } from './identity-report';
import { LogGauges } from './log-gauges';
import { SnapshotGauges } from './snapshot-gauges';
import { SourcePing } from './source-ping';

const STANDBY_WAIT_SECONDS = 1;
const RETRY_MS = 1_000;
const PUBLISH_GRACE_MS = 5_000;

/** Leads or stands by: one instance at a time reads the log, the others wait for the lead. */
@Injectable()
export class RelayService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #kafka: Kafka;
  readonly #publisher: Publisher;
  readonly #schemas: SchemaStore;
  readonly #activity = new ActivityMeter();
  readonly #heartbeats: Heartbeats;
  readonly #gauges: LogGauges;
  readonly #loads: SnapshotGauges;
  readonly #ping: SourcePing;
  readonly #notes: PipelineNotes;
  readonly #identity: IdentityReport;
  readonly #topics: TopicHealth;
  readonly #positions = new TopicPositions();
  #working: Promise<void> | undefined;
  #role: 'starting' | 'standby' | 'leader' = 'starting';
  /** Whose lead it waits for. */
  #leader: string | null = null;
  /** What keeps it from its work, one sentence. */
  #trouble: string | null = null;

  constructor(@Inject(ServiceContext) private readonly context: ServiceContext) {
    const { log, env } = context;
    this.#kafka = createKafka(context.kafkaSettings, log);
    const { changes, notes } = env.config.topics;
    this.#publisher = new Publisher(this.#kafka, log, {
      onAcknowledged: (topic, partition, end) => {
        if (topic === changes) this.#positions.note(partition, end);
      },
    });
    this.#notes = new PipelineNotes(this.#kafka, notes, log);
    this.#identity = new IdentityReport(context);
    this.#topics = new TopicHealth({
      ...{ context, kafka: this.#kafka, notes: this.#notes, publisher: this.#publisher },
    });
    this.#schemas = new SchemaStore(this.#kafka, env.config.topics.schemas, log);
    this.#gauges = new LogGauges(context);
    this.#loads = new SnapshotGauges(context);
    this.#ping = new SourcePing(env.mysqlUrl);
    const noLag = () => null;
    this.#heartbeats = new Heartbeats(context, this.#publisher, this.#activity, noLag, () => this.#leads());
    context.health.ready({ name: 'mysql', check: () => this.#checkWork() });
    context.health.ready({ name: 'kafka', check: () => throwIf(this.#publisher.trouble) });
    context.describe(() => ({
      role: this.#role,
      ...(this.#role === 'standby' && { waitsForTheLeadOf: this.#leader }),
    }));
    context.metrics.observe('tributary_relay_leader', '1 while this instance reads the change log', () =>
      Number(this.#role === 'leader'),
    );
  }

  onApplicationBootstrap(): void {
    // A rejection ends the process with its sentence (see runService): the start-up checks failed.
    this.#working = this.#work();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    // A send that waits for an absent Kafka would never end by itself; its entries stay in the log.
    await within(this.#retire(), PUBLISH_GRACE_MS, () => undefined, { ref: false });
    await this.#publisher.stop();
    this.#ping.close();
    await this.#working;
    await this.#notes.close();
  }

  async #retire(): Promise<void> {
    await this.#working;
    await this.#heartbeats.stop();
    await this.#topics.stop();
  }

  async #checkWork(): Promise<void> {
    throwIf(this.#trouble ?? (this.#role === 'starting' ? 'the relay is starting' : null));
    await this.#ping.ask();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stop;
    if (!(await untilStarted(this.context, () => this.#prepare(), signal))) return;
    while (!signal.aborted) {
      try {
        await this.#leadOrWait(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#stepDown(error);
        await pause(RETRY_MS, signal);
      }
    }
  }

  /** What must be right at start; nothing is changed when it is not (R14). Throws a SyncError, `retry` while a server is away. */
  async #prepare(): Promise<void> {
    const { config, mysqlUrl } = this.context.env;
    const connection = await openMysql(mysqlUrl);
    try {
      await requireUsable(connection, config);
      await new TopicAdmin(this.#kafka).ensureTopics(config);
      for (const note of await installAtStart(this.context, connection))
        this.context.log.warn({ code: 'CAPTURE' }, note);
    } catch (error) {
      throw mysqlError(error); // one sentence, also where a connection broke between two queries
    } finally {
      connection.destroy();
    }
    // Read once and not followed: a schema that another leader published meanwhile is only published again, and
    // kafkajs wakes up a hundred times a second for as long as a fetch is open.
    await this.#schemas.start();
    await this.#schemas.stop();
    await this.#publisher.start();
    this.#heartbeats.start();
    this.#topics.start();
  }

  async #leadOrWait(signal: AbortSignal): Promise<void> {
    const { env, log, metrics } = this.context;
    const owner = `${hostname()}:${process.pid}`;
    const reader = await LogReader.open({
      url: env.mysqlUrl,
      captureSchema: env.config.captureSchema,
      owner,
    });
    try {
      while (!signal.aborted) {
        if (await reader.acquireLease(STANDBY_WAIT_SECONDS)) {
          log.info({ owner }, 'leads the change log');
          const letters = new DeadLetterWriter(
            this.#publisher,
            env.config.topics.deadLetters,
            this.context.app,
          );
          const term = {
            context: this.context,
            activity: this.#activity,
            gauges: this.#gauges,
            loads: this.#loads,
            broker: kafkaView(this.#kafka, env.config),
            publisher: this.#publisher,
            schemas: this.#schemas,
            notes: this.#notes,
            positions: this.#positions,
            report: this.#identity,
          };
          await leadTerm({ ...term, reader, letters, onLeading: () => this.#enter('leader') }, signal);
          return;
        }
        const leader = await reader.leader();
        if (this.#role !== 'standby' || leader !== this.#leader)
          log.info({ leader }, `stands by: ${leader ?? 'another instance'} leads`);
        this.#leader = leader;
        this.#enter('standby');
      }
    } finally {
      this.#role = 'standby';
      metrics.trouble.set({ stage: this.context.app }, 0);
      await reader.close();
    }
  }

  #leads() {
    const { incarnation } = this.#identity;
    return incarnation === undefined ? {} : { leads: incarnation };
  }

  #enter(role: 'leader' | 'standby'): void {
    this.#role = role;
    this.#trouble = null;
    this.context.metrics.trouble.set({ stage: this.context.app }, 0);
  }

  #stepDown(error: unknown): void {
    const { log, metrics, app } = this.context;
    if (error instanceof LeaseLostError || error instanceof TermEndsError) {
      log.warn(error.message);
      return;
    }
    // Whatever it is, the log keeps what was not acknowledged, so the next term begins where this one ended.
    this.#trouble = errorText(error);
    metrics.trouble.set({ stage: app }, 1);
    if (error instanceof SyncError) log.error({ code: error.code }, error.message);
    else log.error({ error }, 'the term ended unexpectedly and begins anew');
  }
}

function throwIf(sentence: string | null): void {
  if (sentence !== null) throw new Error(sentence);
}
