export { AuditJournal } from './audit/audit-journal';
export { bulkImport, type BulkImportResult } from './bulk/bulk-import';
export { bulkSnapshot } from './bulk/bulk-snapshot';
export type { BulkSnapshotResult } from './bulk/load-result';
export type { EngineOptions } from './bulk/engine';
export { hasDrift, captureLines, type CaptureLine } from './capture/status';
export { installNeeds } from './capture/foreign-places';
export { install } from './capture/install';
export { capturePlan, type ReadingPlan } from './capture/plan';
export { repairCapture, type CaptureRepair } from './capture/repair';
export { uninstall } from './capture/uninstall';
export { resolvedPlan, type PlannedTable } from './config-check/resolved-plan';
export { serverAddresses } from './config-check/server-addresses';
export type { OperationContext } from './context';
export { RESEND_RATE, verifyDefaults } from './defaults';
export { discardDeadLetters } from './dead-letters/discard';
export { deadLetterMark, groupDeadLetters, type DeadLetterGroups } from './dead-letters/groups';
export { listDeadLetters } from './dead-letters/list';
export { isReplayed, replayDeadLetters, replayNeeds } from './dead-letters/replay';
export type { TargetOutcome } from './dead-letters/replay-outcome';
export type { ReplayResult } from './dead-letters/replay-run';
export type { DeadLetterSelection } from './dead-letters/selection';
export { showDeadLetter, type ShownDeadLetter } from './dead-letters/show';
export { isIll, runDoctor } from './doctor/doctor';
export { explain } from './explain';
export { initProject, type InitResult } from './init/init';
export { pauseNeeds } from './pauses/needs';
export { pauseTable } from './pauses/pause';
export type { PauseState } from './pauses/pause-state';
export { resumeTable } from './pauses/resume';
export { resumeCommand } from './pauses/held-up';
export { loadArchiveFile } from './sample/load-file';
export { Servers } from './servers';
export { controlSnapshots, snapshotActions, type SnapshotAction } from './snapshots/control';
export { startSnapshots } from './snapshots/start';
export { untilLoaded } from './snapshots/until-loaded';
export { failedSnapshots, isUnderWay, snapshotStatus } from './snapshots/watch';
export type { InstanceStatus } from './status/instance-status';
export type { StageStatus } from './status/kafka-status';
export {
  nothingAnswered,
  pipelineStatus,
  type PipelineStatus,
  type TableStatus,
} from './status/pipeline-status';
export { resendRows } from './resend/resend';
export { suspensionText } from './status/table-state';
export { supportBundle } from './support-bundle/support-bundle';
export { leftOut } from './tables/chosen-tables';
export { tailChanges, type TailedChange } from './tail/tail';
export { adoptPlaces } from './targets/adopt';
export { placeNeeds, schemaNeeds } from './targets/choice';
export { installSchemas, type InstalledSchema } from './targets/install';
export type { PlaceLine } from './targets/place-lines';
export { placeStatus } from './targets/status';
export type { ChangedColumn } from './trace/changed-columns';
export { rowHistory, type History, type HistoryEvent } from './trace/history';
export { everyServer } from './every-server';
export { traceRow, type TargetTrace, type Trace } from './trace/trace';
export type { TopicSearch } from './trace/topic-search';
export { isSettled } from './trace/verdict';
export { processUser } from './process-user';
export type { SampleSize, VerificationInput } from './verification/input';
export {
  cancelVerification,
  lastVerified,
  listVerifications,
  showVerification,
  type LastVerified,
  type RecordedVerification,
} from './verification/recorded-verifications';
export { untilApplied } from './verification/until-applied';
export { Verification, verificationNeeds } from './verification/verification';
export {
  differencesLeft,
  uncheckedCandidates,
  type VerificationResult,
} from './verification/verification-result';
// What their inputs and answers are made of.
export type { Check } from '@tributary/kernel';
export type { DeadLetter } from '@tributary/dead-letters';
export { sampleTables, type ArchiveLoad } from '@tributary/gh-archive';
export { productVersion, type Needs } from '@tributary/service';
export type { TargetName } from '@tributary/sync-config';
export type { SnapshotProgress } from '@tributary/snapshot';
export { differingShare, SURE, type SettledDifference, type TableReport } from '@tributary/verify';
export type { AuditEntry, StoredAuditEntry } from '@tributary/topics';
