import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { ensureTopics, PipelineNotes, SchemaStore } from '@tributary/topics';
import { BatchServer, type RecordPublisher, type TopicAdmin, type Transport } from '@tributary/transport';
import { rowDtoCheck } from '@tributary/schemas';
import {
  ActivityMeter,
  ConsumerWatch,
  Heartbeats,
  ServiceContext,
  serviceTransport,
  TopicHealth,
  type ServicePipeline,
} from '@tributary/service';
import { ChangeHoles, RoundValidator, TrustedSchemas } from '@tributary/validation';

/** Room for the largest message of the topics; the broker has the last word. */
const MAX_BYTES = 48 * 2 ** 20;

/** The parts of a running validator, their start and their end. */
@Injectable()
export class ValidatorPipeline implements ServicePipeline, OnApplicationShutdown {
  readonly server: BatchServer;
  readonly validator: RoundValidator;
  readonly schemas: TrustedSchemas;
  readonly activity = new ActivityMeter();
  readonly #kafka: Transport;
  readonly #admin: TopicAdmin;
  readonly #publisher: RecordPublisher;
  readonly #store: SchemaStore;
  readonly #heartbeats: Heartbeats;
  readonly #topics: TopicHealth;

  constructor(@Inject(ServiceContext) private readonly context: ServiceContext) {
    const { log, metrics } = context;
    const { config } = context.env;
    const kafka = serviceTransport(context);
    this.#kafka = kafka;
    const setTrouble = (value: number) => metrics.trouble.set({ stage: metrics.stage }, value);
    this.#admin = kafka.admin();
    this.#publisher = kafka.publisher({
      onTrouble: () => setTrouble(1),
      onRecovered: () => setTrouble(0),
    });
    this.#store = new SchemaStore(kafka, config.topics.schemas, log);
    this.schemas = new TrustedSchemas(this.#store);
    this.validator = new RoundValidator({
      rules: { config, dto: rowDtoCheck, maxBytes: MAX_BYTES },
      schemas: this.schemas,
      publisher: this.#publisher,
      deadLetters: new DeadLetterWriter(this.#publisher, config.topics.deadLetters, context.app),
      validatedTopic: config.topics.validated,
      confirmTopic: (topic) => this.server.confirmTopic(topic),
    });
    // It only writes notes, which opens nothing that would have to be closed.
    const notes = new PipelineNotes(kafka, config.topics.notes, log);
    this.#topics = new TopicHealth({ context, kafka, notes, publisher: this.#publisher });
    const holes = new ChangeHoles(config.topics, this.#admin, this.#publisher, this.#topics);
    this.server = new BatchServer({
      transport: kafka,
      groupId: `${config.prefix}.${context.app}`,
      topics: { changes: config.topics.changes },
      onAssigned: (assignment, standing) => holes.assigned(assignment, standing),
    });
    const watch = new ConsumerWatch(context, this.server, this.#publisher);
    this.#heartbeats = new Heartbeats(context, this.#publisher, this.activity, () => watch.lag());
  }

  /** Throws a SyncError: `retry` while Kafka is away, fatal for an unknown DTO or a Kafka that refuses us. */
  async start(): Promise<void> {
    const { config } = this.context.env;
    for (const name of config.dtoNames) rowDtoCheck(name);
    await ensureTopics(this.#kafka, config);
    await this.#store.start();
    await this.#publisher.start();
    this.#heartbeats.start();
    this.#topics.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#heartbeats.stop();
    await this.#topics.stop();
    await this.#publisher.stop();
    await this.#store.stop();
  }
}
