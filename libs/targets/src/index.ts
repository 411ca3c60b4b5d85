export * from './mapping';
export {
  applied,
  rejected,
  stale,
  type Outcome,
  type RowChange,
  type SweepOrder,
  type TargetWriter,
} from './row-change';
export { connectMongo, mongoOptions, mongoStartFault, openMongo } from './mongo/connect-mongo';
export { heldVersions, idText, type HeldVersion } from './mongo/held-versions';
export { MongoPositions } from './mongo/mongo-positions';
export { MongoSweepNotes } from './mongo/mongo-sweep-notes';
export { MongoVersions } from './mongo/mongo-versions';
export { usualPatience } from './mongo/doubts';
export { MongoWriter } from './mongo/mongo-writer';
export { CollectionSchema, type HeldSchema, type SchemaAction } from './mongo/schema/collection-schema';
export { covers, documentShape, sameShape, unionOf, type DocumentShape } from './mongo/schema/document-shape';
export { PLACES, POSITIONS, SWEEPS, TOMBSTONES } from './mongo/own-collections';
export { connectRedis, type RedisTls } from './redis/connect-redis';
export { redisReason } from './redis/redis-error';
export { RedisPositions } from './redis/redis-positions';
export { RedisVersions } from './redis/redis-versions';
export { RedisSweepNotes } from './redis/redis-sweep-notes';
export { RedisWriter } from './redis/redis-writer';
export { applyCoalesced } from './sink/coalesce';
export { ChangeDecoder, type Decoded } from './sink/decode';
export { type EncodedChange } from './sink/quick-change';
export {
  PositionKeeper,
  type Advance,
  type KafkaOffsets,
  type Loss,
  type PositionStore,
  type Refused,
  type TopicIdStore,
} from './sink/position-keeper';
export type { SinkBatch, SinkRecord, SinkRound } from './sink/round-records';
export {
  SinkHandler,
  type Rejected,
  type SinkParts,
  type SinkReport,
  type TableSummary,
} from './sink/sink-handler';
export { misfitCodes, misfitOf, type Misfit } from './sink/table-fitness';
export type { RowRef, VersionReader } from './version-reader';
export { SweepNotes, type SweepNoteStore } from './sweep/sweep-notes';
export {
  Sweeper,
  type RowKey,
  type SweeperParts,
  type SweepReport,
  type TableControl,
} from './sweep/sweeper';
export { MongoPlaces } from './mongo/mongo-places';
export { RedisPlaces } from './redis/redis-places';
export { placeOf, type Place, type PlaceOwner, type PlaceRecord, type PlaceTarget } from './places/place';
export { PlaceKeeper, type Admission, type PlaceKeeperParts } from './places/place-keeper';
export type { PlaceBook, PlaceStore } from './places/place-store';
export {
  FOREIGN_PLACE,
  foreignTrouble,
  standing,
  type Asker,
  type PipelineIdentity,
  type Standing,
} from './places/standing';
export { notesGroup, takeOver, type Takeover } from './places/takeover';
