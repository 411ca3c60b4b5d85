import type { Provider } from '@nestjs/common';
import { createKafka, Kafka, PipelineNotes, Publisher, SchemaStore } from '@tributary/kafka';
import { TopicPositions } from '@tributary/relay';
import {
  ActivityMeter,
  Heartbeats,
  LOGGER,
  ServiceContext,
  TopicHealth,
  type Logger,
} from '@tributary/service';
import { SyncConfig } from '@tributary/sync-config';
import { IdentityReport } from './identity-report';

/** What speaks to Kafka. */
export const transport: Provider[] = [
  {
    provide: Kafka,
    inject: [ServiceContext],
    useFactory: ({ kafkaSettings, log }: ServiceContext) => createKafka(kafkaSettings, log),
  },
  {
    provide: Publisher,
    inject: [Kafka, LOGGER, SyncConfig, TopicPositions],
    useFactory: (kafka: Kafka, log: Logger, { topics }: SyncConfig, positions: TopicPositions) =>
      new Publisher(kafka, log, {
        onAcknowledged: (topic, partition, end) => {
          if (topic === topics.changes) positions.note(partition, end);
        },
      }),
  },
  {
    provide: PipelineNotes,
    inject: [Kafka, SyncConfig, LOGGER],
    useFactory: (kafka: Kafka, { topics }: SyncConfig, log: Logger) =>
      new PipelineNotes(kafka, topics.notes, log),
  },
  {
    provide: SchemaStore,
    inject: [Kafka, SyncConfig, LOGGER],
    useFactory: (kafka: Kafka, { topics }: SyncConfig, log: Logger) =>
      new SchemaStore(kafka, topics.schemas, log),
  },
  {
    provide: TopicHealth,
    inject: [ServiceContext, Kafka, PipelineNotes, Publisher],
    useFactory: (context: ServiceContext, kafka: Kafka, notes: PipelineNotes, publisher: Publisher) =>
      new TopicHealth({ context, kafka, notes, publisher }),
  },
  {
    provide: Heartbeats,
    inject: [ServiceContext, Publisher, ActivityMeter, IdentityReport],
    useFactory: (
      context: ServiceContext,
      publisher: Publisher,
      activity: ActivityMeter,
      identity: IdentityReport,
    ) =>
      new Heartbeats(
        ...([context, publisher, activity] as const),
        () => null, // nothing comes before this stage
        () => identity.leads(),
      ),
  },
];
