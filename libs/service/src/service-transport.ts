import type { DynamicModule } from '@nestjs/common';
import { TransportModule, type PublisherEvents, type Transport } from '@tributary/transport';
import { createKafka } from '@tributary/transport-kafkajs';
import { ServiceContext } from './service-context';

/** The Kafka of a service; the one place that chooses its client. Connects nowhere by itself. */
export function serviceTransport({ app, env, log }: Pick<ServiceContext, 'app' | 'env' | 'log'>): Transport {
  const { partitions, compression } = env.config;
  return createKafka({ ...env.kafka, clientId: `tributary-${app}`, partitions, compression }, log);
}

/** The ports to Kafka for the providers of a service's module. */
export const serviceTransportModule = (
  events?: (context: ServiceContext) => PublisherEvents,
): DynamicModule =>
  TransportModule.forRoot({
    ...{ inject: ServiceContext, transport: serviceTransport },
    ...(events && { events }),
  });
