import type {
  CaptureLine,
  DeadLetterGroups,
  LastVerified,
  PipelineStatus,
  RecordedVerification,
  SnapshotProgress,
} from '@tributary/operations';

/** What the pipeline looked like at one moment. */
export interface Sample {
  readonly status: PipelineStatus;
  /** Names of all stages, in the order in which changes pass them. */
  readonly stages: readonly string[];
  /** `null`: their topic could not be read. */
  readonly deadLetters: DeadLetterGroups | null;
  /** `null`: nobody looked, or the source did not answer. */
  readonly snapshots: readonly SnapshotProgress[] | null;
  readonly verifications: readonly RecordedVerification[] | null;
  readonly lastVerified: readonly LastVerified[];
  /** `null`: the source did not answer. */
  readonly capture: readonly CaptureLine[] | null;
}
