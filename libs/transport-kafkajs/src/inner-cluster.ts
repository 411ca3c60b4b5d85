import type { Kafka } from './kafka';

const READ_COMMITTED = 1;

/**
 * The client's cluster of connections, on which it builds its own consumer and producer; `T` says what is used of it.
 * kafkajs has no public way to it. Its method to make one hangs under a symbol, which this finds by its text: the one
 * private door of the client that is used without changing it. `PartitionReader` reads through it without a group, and
 * `MetadataWatch` asks what the admin client cannot. kafkajs is pinned, and inner-cluster.spec.ts fails when the door closes.
 */
export function innerCluster<T>(kafka: Kafka): T {
  const door = Object.getOwnPropertySymbols(kafka.client).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (!door) throw new Error('This version of kafkajs offers no cluster to read partitions from');
  const createCluster = (kafka.client as unknown as Record<symbol, (options: object) => T>)[door]!;
  return createCluster({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}
