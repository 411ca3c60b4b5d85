import type { FactoryProvider } from '@nestjs/common';
import { DeadLetterWriter } from '@tributary/dead-letters';
import {
  ActivityMeter,
  ConsumerWatch,
  DeadLetterGauges,
  GroupWatch,
  Heartbeats,
  ServiceContext,
  TopicHealth,
} from '@tributary/service';
import { SyncConfig } from '@tributary/sync-config';
import { loadsGroup, PipelineNotes, SchemaStore } from '@tributary/topics';
import { BatchServer, RecordPublisher, TopicAdmin, Transport } from '@tributary/transport';
import { ChangeHoles, RoundValidator, TrustedSchemas } from '@tributary/validation';
import { loadsParts } from './loads.providers';
import { rulesOf } from './rules';

const schemaStore: FactoryProvider<SchemaStore> = {
  provide: SchemaStore,
  inject: [Transport, ServiceContext],
  useFactory: (kafka: Transport, { env, log }: ServiceContext) =>
    new SchemaStore(kafka, env.config.topics.schemas, log),
};

const trustedSchemas: FactoryProvider<TrustedSchemas> = {
  provide: TrustedSchemas,
  inject: [SchemaStore],
  useFactory: (store: SchemaStore) => new TrustedSchemas(store),
};

const deadLetters: FactoryProvider<DeadLetterWriter> = {
  provide: DeadLetterWriter,
  inject: [RecordPublisher, ServiceContext],
  useFactory: (publisher: RecordPublisher, { app, env }: ServiceContext) =>
    new DeadLetterWriter(publisher, env.config.topics.deadLetters, app),
};

const topicHealth: FactoryProvider<TopicHealth> = {
  provide: TopicHealth,
  inject: [ServiceContext, Transport, RecordPublisher],
  useFactory: (context: ServiceContext, kafka: Transport, publisher: RecordPublisher) => {
    // It only writes notes, which opens nothing that would have to be closed.
    const notes = new PipelineNotes(kafka, context.env.config.topics.notes, context.log);
    return new TopicHealth({ context, kafka, notes, publisher });
  },
};

const changeHoles: FactoryProvider<ChangeHoles> = {
  provide: ChangeHoles,
  inject: [SyncConfig, TopicAdmin, RecordPublisher, TopicHealth],
  useFactory: ({ topics }: SyncConfig, admin: TopicAdmin, publisher: RecordPublisher, health: TopicHealth) =>
    new ChangeHoles({ from: topics.changes, to: topics.validated }, admin, publisher, health),
};

const batchServer: FactoryProvider<BatchServer> = {
  provide: BatchServer,
  inject: [Transport, ServiceContext, ChangeHoles],
  useFactory: (transport: Transport, { app, env: { config } }: ServiceContext, holes: ChangeHoles) =>
    new BatchServer({
      transport,
      groupId: `${config.prefix}.${app}`,
      topics: { changes: config.topics.changes },
      onAssigned: (assignment, standing) => holes.assigned(assignment, standing),
    }),
};

const roundValidator: FactoryProvider<RoundValidator> = {
  provide: RoundValidator,
  inject: [SyncConfig, TrustedSchemas, RecordPublisher, DeadLetterWriter, BatchServer],
  useFactory: (
    config: SyncConfig,
    schemas: TrustedSchemas,
    publisher: RecordPublisher,
    deadLetters: DeadLetterWriter,
    server: BatchServer,
  ) =>
    new RoundValidator({
      ...{ schemas, publisher, deadLetters, validatedTopic: config.topics.validated },
      rules: rulesOf(config),
      confirmTopic: (topic) => server.confirmTopic(topic),
    }),
};

const activityMeter: FactoryProvider<ActivityMeter> = {
  provide: ActivityMeter,
  useFactory: () => new ActivityMeter(),
};

const heartbeats: FactoryProvider<Heartbeats> = {
  provide: Heartbeats,
  inject: [ServiceContext, BatchServer, RecordPublisher, ActivityMeter, TrustedSchemas],
  useFactory: (
    context: ServiceContext,
    server: BatchServer,
    publisher: RecordPublisher,
    activity: ActivityMeter,
    schemas: TrustedSchemas,
  ) => {
    const watch = new ConsumerWatch(context, server, publisher, (table) => schemas.has(table));
    return new Heartbeats(context, publisher, activity, () => watch.lag());
  },
};

const groupWatch: FactoryProvider<GroupWatch> = {
  provide: GroupWatch,
  inject: [ServiceContext, Transport],
  useFactory: (context: ServiceContext, kafka: Transport) => {
    const { prefix, topics } = context.env.config;
    const group = `${prefix}.${context.app}`;
    return new GroupWatch(context, kafka, [
      { group, topic: topics.changes },
      { group: loadsGroup(group), topic: topics.loads },
    ]);
  },
};

const deadLetterGauges: FactoryProvider<DeadLetterGauges> = {
  provide: DeadLetterGauges,
  inject: [ServiceContext, Transport],
  useFactory: (context: ServiceContext, kafka: Transport) => new DeadLetterGauges(context, kafka),
};

/** The libraries' parts that a validator is made of; only this file names what they need of the service. */
export const validatorParts: FactoryProvider[] = [
  ...[schemaStore, trustedSchemas, deadLetters, topicHealth, changeHoles, batchServer],
  ...[roundValidator, activityMeter, heartbeats, groupWatch, deadLetterGauges],
  ...loadsParts,
];
