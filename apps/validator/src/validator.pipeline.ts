import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { rowDtoCheck } from '@tributary/schemas';
import {
  DeadLetterGauges,
  GroupWatch,
  Heartbeats,
  TopicHealth,
  type ServicePipeline,
} from '@tributary/service';
import { SyncConfig } from '@tributary/sync-config';
import { ensureTopics, SchemaStore } from '@tributary/topics';
import { BatchServer, RecordPublisher, Transport } from '@tributary/transport';
import { LOADS_PUBLISHER, LOADS_SERVER } from './loads.providers';

/** The start and the end of a running validator. */
@Injectable()
export class ValidatorPipeline implements ServicePipeline, OnApplicationShutdown {
  constructor(
    @Inject(SyncConfig) private readonly config: SyncConfig,
    @Inject(Transport) private readonly kafka: Transport,
    @Inject(SchemaStore) private readonly schemas: SchemaStore,
    @Inject(RecordPublisher) private readonly publisher: RecordPublisher,
    @Inject(BatchServer) private readonly live: BatchServer,
    @Inject(LOADS_SERVER) private readonly loads: BatchServer,
    @Inject(LOADS_PUBLISHER) private readonly loadsPublisher: RecordPublisher,
    @Inject(Heartbeats) private readonly heartbeats: Heartbeats,
    @Inject(TopicHealth) private readonly topics: TopicHealth,
    @Inject(GroupWatch) private readonly group: GroupWatch,
    @Inject(DeadLetterGauges) private readonly deadLetters: DeadLetterGauges,
  ) {}

  get servers(): readonly BatchServer[] {
    return [this.live, this.loads];
  }

  /** Throws a SyncError: `retry` while Kafka is away, fatal for an unknown DTO or a Kafka that refuses us. */
  async start(): Promise<void> {
    for (const name of this.config.dtoNames) rowDtoCheck(name);
    await ensureTopics(this.kafka, this.config);
    await this.schemas.start();
    await this.publisher.start();
    await this.loadsPublisher.start();
    this.heartbeats.start();
    this.topics.start();
    this.group.start();
    this.deadLetters.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.heartbeats.stop();
    await this.topics.stop();
    await this.group.stop();
    await this.deadLetters.stop();
    await this.loadsPublisher.stop();
    await this.publisher.stop();
    await this.schemas.stop();
  }
}
