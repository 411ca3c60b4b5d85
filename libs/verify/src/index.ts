export { DeadLetters } from './dead-letters';
export * from './difference';
export { MongoView } from './mongo-view';
export { Pace } from './pace';
export { PipelineBarrier, type StageGroups } from './pipeline-barrier';
export { RedisView } from './redis-view';
export { planRepair, Repairer, type RepairOutcome } from './repair';
export { differingShare, SURE } from './sample-bound';
export { SourceRow, SourceTable } from './source-table';
export {
  verifyTable,
  type SettledDifference,
  type TableReport,
  type TableVerification,
} from './verify-table';
