export { BatchServer, type BatchServerOptions } from './batch-server';
export { causes, reason } from './causes';
export type { ConsumerState, OldestChanges } from './consumer-state';
export { GroupReader, type GroupOptions, type RoundTime } from './group-reader';
export type { Log } from './log';
export { OversizeRecordError } from './oversize';
export {
  AwaitsWork,
  type AssignedPartitions,
  type BeforeCommit,
  type LostPlace,
  type OnAssigned,
  type Place,
  type Positions,
  type Standing,
} from './positions';
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
export {
  MAX_RECORD_BYTES,
  RecordPublisher,
  type PublisherEvents,
  type RecordSender,
} from './record-publisher';
export { byteLength, type InRecord, type OutRecord, type PassedBatch, type RecordBatch } from './records';
export { RoundContext, RoundHandler } from './round-handler';
export type { HandleRound, Outcome, Round } from './rounds';
export type { KafkaSettings } from './settings';
export { groupLag, lagOf, TopicAdmin, type TopicPlan, type Watermarks } from './topic-admin';
export { TopicEndsReader } from './topic-ends';
export { TopicReader } from './topic-reader';
export { TopicWatch, type SeenTopics, type TopicFacts } from './topic-watch';
export { Transport } from './transport';
export { TransportModule } from './transport.module';
export type { WorkAhead } from './work-ahead';
