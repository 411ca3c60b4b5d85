import type { FactoryProvider } from '@nestjs/common';
import { DeadLetterWriter } from '@tributary/dead-letters';
import { loadsReading, LoadsWatch, ServiceContext, TopicHealth } from '@tributary/service';
import { SyncConfig } from '@tributary/sync-config';
import { loadsGroup } from '@tributary/topics';
import { BatchServer, TopicAdmin, Transport, type RecordPublisher } from '@tributary/transport';
import { ChangeHoles, RoundValidator, TrustedSchemas } from '@tributary/validation';
import { rulesOf } from './rules';

/** The consumer of bulk records, which stands behind that of live changes. */
export const LOADS_SERVER = Symbol('tributary.loads-server');
/** Its own: while the topic of validated bulk records takes none, live changes must not wait behind them. */
export const LOADS_PUBLISHER = Symbol('tributary.loads-publisher');
export const LOADS_VALIDATOR = Symbol('tributary.loads-validator');
const LOADS_HOLES = Symbol('tributary.loads-holes');

const publisher: FactoryProvider<RecordPublisher> = {
  provide: LOADS_PUBLISHER,
  inject: [Transport],
  useFactory: (kafka: Transport) => kafka.publisher(),
};

const holes: FactoryProvider<ChangeHoles> = {
  provide: LOADS_HOLES,
  inject: [SyncConfig, TopicAdmin, LOADS_PUBLISHER, TopicHealth],
  useFactory: ({ topics }: SyncConfig, admin: TopicAdmin, sender: RecordPublisher, health: TopicHealth) =>
    new ChangeHoles({ from: topics.loads, to: topics.validatedLoads }, admin, sender, health),
};

const server: FactoryProvider<BatchServer> = {
  provide: LOADS_SERVER,
  inject: [Transport, ServiceContext, LOADS_HOLES, BatchServer],
  useFactory: (
    transport: Transport,
    { app, env: { config } }: ServiceContext,
    lost: ChangeHoles,
    live: BatchServer,
  ) =>
    new BatchServer({
      ...{ transport, groupId: loadsGroup(`${config.prefix}.${app}`), behind: live },
      ...{ topics: { loads: config.topics.loads }, keepsBatches: true },
      ...loadsReading,
      onAssigned: (assignment, standing) => lost.assigned(assignment, standing),
    }),
};

const validator: FactoryProvider<RoundValidator> = {
  provide: LOADS_VALIDATOR,
  inject: [SyncConfig, TrustedSchemas, LOADS_PUBLISHER, DeadLetterWriter, LOADS_SERVER],
  useFactory: (
    config: SyncConfig,
    schemas: TrustedSchemas,
    sender: RecordPublisher,
    deadLetters: DeadLetterWriter,
    loads: BatchServer,
  ) =>
    new RoundValidator({
      ...{ schemas, publisher: sender, deadLetters, validatedTopic: config.topics.validatedLoads },
      rules: rulesOf(config),
      confirmTopic: (topic) => loads.confirmTopic(topic),
    }),
};

const watch: FactoryProvider<LoadsWatch> = {
  provide: LoadsWatch,
  inject: [ServiceContext, LOADS_SERVER, LOADS_PUBLISHER],
  useFactory: (context: ServiceContext, loads: BatchServer, sender: RecordPublisher) =>
    new LoadsWatch(context, loads, sender),
};

/** The same parts as for live changes, for the topic of loads. */
export const loadsParts: FactoryProvider[] = [publisher, holes, server, validator, watch];
