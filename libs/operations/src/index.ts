export { hasDrift, captureLines, type CaptureLine } from './capture/status';
export { installNeeds } from './capture/foreign-places';
export { install, type CaptureInstallation } from './capture/install';
export { capturePlan, type ReadingPlan } from './capture/plan';
export { repairCapture, type CaptureRepair } from './capture/repair';
export { uninstall, type UninstallInput } from './capture/uninstall';
export { resolvedPlan, type PlannedTable, type ResolvedPlan } from './config-check/resolved-plan';
export type { OperationContext } from './context';
export { discardDeadLetters } from './dead-letters/discard';
export { listDeadLetters, type DeadLetterList } from './dead-letters/list';
export { isReplayed, replayDeadLetters, replayNeeds, type ReplayInput } from './dead-letters/replay';
export type { TargetOutcome } from './dead-letters/replay-outcome';
export type { NotReplayable, ReplayResult } from './dead-letters/replay-run';
export type { DeadLetterSelection } from './dead-letters/selection';
export { showDeadLetter, type ShownDeadLetter } from './dead-letters/show';
export { explain } from './explain';
export { loadArchiveFile, type LoadFileInput } from './sample/load-file';
export { Servers } from './servers';
export {
  controlSnapshots,
  snapshotActions,
  type SnapshotAction,
  type SnapshotChoice,
} from './snapshots/control';
export { startSnapshots, type SnapshotInput } from './snapshots/start';
export { failedSnapshots, isUnderWay, snapshotStatus, type SnapshotStatusInput } from './snapshots/watch';
export type { InstanceStatus } from './status/instance-status';
export type { StageStatus } from './status/kafka-status';
export {
  nothingAnswered,
  pipelineStatus,
  type PipelineStatus,
  type TableStatus,
} from './status/pipeline-status';
export { suspensionText } from './status/table-state';
export { leftOut } from './tables/chosen-tables';
export { adoptPlaces, type Adoption } from './targets/adopt';
export { collectionNeeds, placeNeeds, type PlaceChoice } from './targets/choice';
export { installSchemas, type InstalledSchema } from './targets/install';
export type { PlaceLine } from './targets/place-lines';
export { placeStatus, type PlaceStatus } from './targets/status';
export type { ContinuousInput } from './verification/continuous';
export type { SampleSize, VerificationInput } from './verification/input';
export { Verification, verificationNeeds } from './verification/verification';
export { differencesLeft, type VerificationResult } from './verification/verification-run';
// What their inputs and answers are made of.
export type { DeadLetter } from '@tributary/dead-letters';
export { sampleTables, type ArchiveLoad, type ArchivePart } from '@tributary/gh-archive';
export { productVersion, type Needs } from '@tributary/service';
export type { SnapshotProgress } from '@tributary/snapshot';
export {
  differingShare,
  SURE,
  targetNames,
  type SettledDifference,
  type TableReport,
  type TargetName,
} from '@tributary/verify';
