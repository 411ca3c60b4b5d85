import { Module, type DynamicModule, type InjectionToken } from '@nestjs/common';
import { RecordPublisher, type PublisherEvents } from './record-publisher';
import { TopicAdmin } from './topic-admin';
import { Transport } from './transport';

export interface TransportModuleOptions<From> {
  /** A provider that the module sees, and all that it needs of the process. */
  readonly inject: InjectionToken<From>;
  /** The one place of a process that chooses an adapter. */
  readonly transport: (from: From) => Transport;
  readonly events?: (from: From) => PublisherEvents;
}

/** The ports to Kafka for the providers of a process: `Transport`, and one `TopicAdmin` and one `RecordPublisher` of it. */
@Module({})
export class TransportModule {
  /** Connects nowhere; whoever owns the process's start and end calls `start` and `stop` of the publisher. */
  static forRoot<From>({ inject, transport, events }: TransportModuleOptions<From>): DynamicModule {
    return {
      module: TransportModule,
      providers: [
        { provide: Transport, inject: [inject], useFactory: transport },
        { provide: TopicAdmin, inject: [Transport], useFactory: (kafka: Transport) => kafka.admin() },
        {
          provide: RecordPublisher,
          inject: [Transport, inject],
          useFactory: (kafka: Transport, from: From) => kafka.publisher(events?.(from)),
        },
      ],
      exports: [Transport, TopicAdmin, RecordPublisher],
    };
  }
}
