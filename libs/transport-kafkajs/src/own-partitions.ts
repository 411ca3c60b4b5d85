import { PartitionAssigners, type PartitionAssigner } from 'kafkajs';

interface Partitioned {
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
}

/**
 * The client's round robin over partitions 0 to `count` - 1: what a foreign producer puts into others is nobody's, and a
 * stage that got one would have nowhere to hand its records on to. It has the name of the client's own, so that members
 * of both kinds can share a group.
 */
export const ownPartitions =
  (count: number): PartitionAssigner =>
  (config) => {
    const whole = config.cluster as unknown as Partitioned;
    const findTopicPartitionMetadata = (topic: string) =>
      whole.findTopicPartitionMetadata(topic).filter(({ partitionId }) => partitionId < count);
    const cluster = Object.create(whole, {
      findTopicPartitionMetadata: { value: findTopicPartitionMetadata },
    }) as typeof config.cluster;
    return PartitionAssigners.roundRobin({ ...config, cluster });
  };
