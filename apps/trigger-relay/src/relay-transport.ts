import type { Provider } from '@nestjs/common';
import { TopicPositions } from '@tributary/relay';
import {
  ActivityMeter,
  GroupWatch,
  Heartbeats,
  LOGGER,
  PausedTables,
  ServiceContext,
  serviceTransport,
  TopicHealth,
  type Logger,
} from '@tributary/service';
import { SyncConfig } from '@tributary/sync-config';
import { loadStagesOf, PipelineNotes, SchemaStore, stagesOf } from '@tributary/topics';
import { RecordPublisher, Transport } from '@tributary/transport';
import { IdentityReport } from './identity-report';

/** What speaks to Kafka. */
export const transport: Provider[] = [
  { provide: Transport, inject: [ServiceContext], useFactory: serviceTransport },
  {
    provide: RecordPublisher,
    inject: [Transport, SyncConfig, TopicPositions],
    useFactory: (kafka: Transport, { topics }: SyncConfig, positions: TopicPositions) =>
      kafka.publisher({
        onAcknowledged: (topic, partition, end) => {
          if (topic === topics.changes) positions.note(partition, end);
        },
      }),
  },
  {
    provide: PipelineNotes,
    inject: [Transport, SyncConfig, LOGGER],
    useFactory: (kafka: Transport, { topics }: SyncConfig, log: Logger) =>
      new PipelineNotes(kafka, topics.notes, log),
  },
  {
    provide: PausedTables,
    inject: [ServiceContext, PipelineNotes],
    useFactory: (context: ServiceContext, notes: PipelineNotes) => new PausedTables({ context, notes }),
  },
  {
    provide: SchemaStore,
    inject: [Transport, SyncConfig, LOGGER],
    useFactory: (kafka: Transport, { topics }: SyncConfig, log: Logger) =>
      new SchemaStore(kafka, topics.schemas, log),
  },
  {
    provide: TopicHealth,
    inject: [ServiceContext, Transport, PipelineNotes, RecordPublisher],
    useFactory: (
      context: ServiceContext,
      kafka: Transport,
      notes: PipelineNotes,
      publisher: RecordPublisher,
    ) => new TopicHealth({ context, kafka, notes, publisher }),
  },
  {
    provide: GroupWatch,
    inject: [ServiceContext, Transport],
    useFactory: (context: ServiceContext, kafka: Transport) => {
      const { config } = context.env;
      return new GroupWatch(context, kafka, [...stagesOf(config), ...loadStagesOf(config)]);
    },
  },
  {
    provide: Heartbeats,
    inject: [ServiceContext, RecordPublisher, ActivityMeter, IdentityReport],
    useFactory: (
      context: ServiceContext,
      publisher: RecordPublisher,
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
