export type { Difference } from './difference';
export { PipelineBarrier } from './pipeline-barrier';
export { planRepair, Repairer } from './repair';
export { differingShare, SURE } from './sample-bound';
export { SourceTable } from './source-table';
export { stageWait, unconfirmed, type StagePatience } from './stage-wait';
export type { SettledDifference, TableReport, TableVerification } from './table-verification';
export { verifyTable } from './verify-table';
export { usedTargets } from './used-targets';
