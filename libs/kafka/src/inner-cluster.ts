import type { Kafka } from './kafka';

/** The client's cluster of connections, which its consumer and producer are built on; `T` says what is used of it. */
export function innerCluster<T>(kafka: Kafka, isolationLevel = READ_COMMITTED): T {
  const door = Object.getOwnPropertySymbols(kafka.client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (!door) throw new Error('This version of kafkajs offers no cluster to read partitions from');
  const createCluster = (kafka.client as unknown as Record<symbol, (options: object) => T>)[door]!;
  return createCluster({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel });
}

const READ_COMMITTED = 1;
