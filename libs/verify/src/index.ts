export * from './difference';
export { MongoView } from './mongo-view';
export { PipelineBarrier, type StageGroups } from './pipeline-barrier';
export { RedisView } from './redis-view';
export { Repairer } from './repair';
export { SourceTable } from './source-table';
export { verifyTable, type TableReport, type TableVerification } from './verify-table';
