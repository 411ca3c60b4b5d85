/** Partitions by topic. */
export type AssignedPartitions = Map<string, number[]>;
