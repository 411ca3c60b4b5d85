export * from './consumer-groups';
export * from './batch-server';
export type { AssignedPartitions } from './assigned-partitions';
export { AwaitsWork, type Positions } from './feed-back';
export * from './heartbeats';
export * from './group-lag';
export * from './kafka';
export { kafkaError } from './kafka-error';
export { partitionOf } from './java-partitioner';
export type { Log } from './log';
export * from './oversize';
export * from './pipeline-notes';
export type { Standing } from './place-check';
export * from './publisher';
export { wholeBatch, type PassedBatch } from './record-batch/passed-batch';
export { applyKafkajsPatches } from './patches';
export {
  followTopic,
  readAll,
  readSpans,
  readTail,
  readTopic,
  type PlacedRecord,
  type StartOf,
  type TopicPiece,
} from './read-topic';
export { byteLength, type InRecord, type OutRecord, type RecordBatch } from './records';
export { RoundContext, RoundHandler, type Outcome, type Round } from './round-handler';
export * from './schema-store';
export * from './topic-admin';
export * from './topic-ends';
export { topicPlans, type TopicPlan } from './topic-plan';
export * from './topic-watch';
