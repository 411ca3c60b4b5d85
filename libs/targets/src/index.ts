export * from './mapping';
export type { ChangeMapper } from './change-mapper';
export { unmappable, type Outcome, type RowChange, type SweepOrder, type TargetWriter } from './row-change';
export { connectMongo, mongoOptions, mongoStartFault, openMongo } from './mongo/connect-mongo';
export { MongoPositions } from './mongo/mongo-positions';
export { MongoSweepNotes } from './mongo/mongo-sweep-notes';
export { MongoVersions } from './mongo/mongo-versions';
export { MongoWriter } from './mongo/mongo-writer';
export { connectRedis } from './redis/connect-redis';
export { redisReason } from './redis/redis-error';
export { RedisPositions } from './redis/redis-positions';
export { RedisVersions } from './redis/redis-versions';
export { RedisSweepNotes } from './redis/redis-sweep-notes';
export { RedisWriter } from './redis/redis-writer';
export { Backlog, backlogGroup, loadsNotes, type LeftOut } from './sink/backlog';
export type { LeavesOut } from './sink/leave-out';
export { applyCoalesced } from './sink/coalesce';
export { ChangeDecoder } from './sink/decode';
export { PositionKeeper, type Loss, type PositionStore, type TopicIdStore } from './sink/position-keeper';
export type { SinkRecord } from './sink/round-records';
export type { Rejected } from './sink/rejected';
export { SinkHandler, type SinkParts, type SinkReport } from './sink/sink-handler';
export type { RowRef, VersionReader } from './version-reader';
export { LateRows } from './sweep/late-rows';
export type { Feed } from './sweep/sweep-state';
export { SweepNotes, type SweepNoteStore } from './sweep/sweep-notes';
export { Sweeper, type SweepReport, type TableControl } from './sweep/sweeper';
export { MongoPlaces } from './mongo/mongo-places';
export { RedisPlaces } from './redis/redis-places';
export { collide, type Place, type PlaceOwner, type PlaceRecord } from './places/place';
export { PlaceKeeper } from './places/place-keeper';
export type { PlaceStore } from './places/place-store';
export {
  FOREIGN_PLACE,
  foreignTrouble,
  standing,
  type Asker,
  type PipelineIdentity,
  type Standing,
} from './places/standing';
export { notesGroup, notesGroupOf, takeOver } from './places/takeover';
export type { PlaceSchema, SchemaState } from './place-schema';
export type { ConnectedTarget, TargetListener, TargetPlugin, TargetRules } from './target-plugin';
export { targetPlugin, targetPlugins } from './registry';
export { connectedMongo, mongoTarget } from './mongo/mongo-target';
export { RedisScan } from './redis/scan/redis-scan';
export { redisTarget } from './redis/redis-target';
export type { ExpectedEntry, ScanEntry, ScanRules, TargetScan } from './scan/target-scan';
export { MongoView } from './mongo/view/mongo-view';
export { RedisView } from './redis/view/redis-view';
export {
  differenceKinds,
  shownPair,
  type EntryList,
  type Expectation,
  type Finding,
  type TargetEntry,
  type TargetView,
  type ViewedRow,
  type ViewedTable,
} from './target-view';
