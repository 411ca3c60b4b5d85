import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { BatchServer, createKafka, DeadLetters, Publisher, SchemaStore, TopicAdmin } from '@tributary/kafka';
import { rowDtoCheck } from '@tributary/schemas';
import { ServiceContext } from '@tributary/service';
import { BatchValidator } from './batch-validator';
import { TrustedSchemas } from './trusted-schemas';

/** No progress for so long, with work waiting and no server down, means that this process is stuck. */
const STUCK_MS = 120_000;
/** Room for the largest message of the topics; the broker has the last word. */
const MAX_BYTES = 48 * 2 ** 20;

/** The parts of a running validator, their start and their end. */
@Injectable()
export class ValidatorPipeline implements OnModuleInit, OnApplicationShutdown {
  readonly server: BatchServer;
  readonly validator: BatchValidator;
  readonly schemas: TrustedSchemas;
  readonly #admin: TopicAdmin;
  readonly #publisher: Publisher;
  readonly #store: SchemaStore;

  constructor(@Inject(ServiceContext) private readonly context: ServiceContext) {
    const { log, metrics, kafkaSettings } = context;
    const { config } = context.env;
    const kafka = createKafka(kafkaSettings, log);
    const setTrouble = (value: number) => metrics.trouble.set({ stage: metrics.stage }, value);
    this.#admin = new TopicAdmin(kafka);
    this.#publisher = new Publisher(kafka, log, {
      onTrouble: () => setTrouble(1),
      onRecovered: () => setTrouble(0),
    });
    this.#store = new SchemaStore(kafka, config.topics.schemas, log);
    this.schemas = new TrustedSchemas(this.#store);
    this.validator = new BatchValidator({
      rules: { config, dto: rowDtoCheck, maxBytes: MAX_BYTES },
      schemas: this.schemas,
      publisher: this.#publisher,
      deadLetters: new DeadLetters(this.#publisher, config.topics.deadLetters, context.app),
      validatedTopic: config.topics.validated,
    });
    this.server = new BatchServer({
      kafka,
      log,
      groupId: `${config.prefix}.${context.app}`,
      topics: { changes: config.topics.changes },
    });
    this.#watch();
  }

  /** Throws a fatal SyncError when the sync file names an unknown DTO or Kafka cannot be used as it says. */
  async onModuleInit(): Promise<void> {
    const { config } = this.context.env;
    for (const name of config.dtoNames) rowDtoCheck(name);
    await this.#admin.ensureTopics(config);
    await this.#store.start();
    await this.#publisher.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#publisher.stop();
    await this.#store.stop();
  }

  #watch(): void {
    const { health, metrics } = this.context;
    const { state } = this.server;
    const lag = () => [...state.lag.values()].reduce((sum, one) => sum + one, 0n);
    health.ready({
      name: 'kafka',
      check: () => {
        const trouble = state.trouble ?? this.#publisher.trouble;
        if (trouble !== null) throw new Error(trouble);
        if (!state.joined) throw new Error('The consumer group has not let this instance in yet.');
      },
    });
    health.live({
      name: 'progress',
      check: () => {
        const idleMs = Date.now() - state.lastProgressAt;
        if (state.joined && state.trouble === null && lag() > 0n && idleMs > STUCK_MS)
          throw new Error(`No batch was finished for ${Math.round(idleMs / 1000)} s though events wait.`);
      },
    });
    metrics.observe(
      'tributary_consumer_lag_events',
      'Events fetched from Kafka last that wait to be handled',
      () => Number(lag()),
    );
  }
}
