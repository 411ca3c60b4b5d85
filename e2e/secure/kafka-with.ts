import { join } from 'node:path';
import { createKafka, type KafkajsTransport } from '@tributary/transport-kafkajs';
import { readEnv } from '@tributary/service';
import type { StackEnv } from '@tributary/dev-stack';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Kafka as a service with these variables would meet it. */
export function kafkaWith(
  servers: StackEnv,
  variables: Record<string, string | undefined>,
): KafkajsTransport {
  const env = readEnv({ kafka: true }, 0, {
    ...servers,
    SYNC_CONFIG: join(__dirname, '../../sync.yaml'),
    ...variables,
  });
  return createKafka({ ...env.kafka, clientId: 'test' }, silent);
}
