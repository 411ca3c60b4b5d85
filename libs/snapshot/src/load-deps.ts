import type { Connection, FloorHold, TablePlan } from '@tributary/capture';
import type { ChunkOutlet } from './chunk-outlet';
import type { SnapshotRow } from './chunk-reader';
import type { ChunkWindows } from './chunk-window';
import type { RunningJob, SnapshotJobs } from './snapshot-jobs';

interface SnapshotLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What a load needs of the relay that it runs in. */
export interface LoadDeps<T> {
  readonly jobs: SnapshotJobs;
  readonly plan: (table: string) => TablePlan | undefined;
  /** Tables whose loads do not begin yet, with what they wait for, for people: they are paused, or cannot be captured yet. */
  readonly waiting: () => ReadonlyMap<string, string>;
  /** A connection at UTC and `sql_mode=''`, another for each call; the load ends it. */
  readonly connect: () => Promise<Connection>;
  /** How long a chunk should take, milliseconds. */
  readonly chunkMs: number;
  readonly windows: ChunkWindows;
  readonly outlet: ChunkOutlet<T>;
  /** Every id up to this is committed or rolled back (docs/architecture.md, Floor). */
  readonly floor: {
    start(): Promise<void>;
    stop(): Promise<void>;
    floor(): bigint;
    waitFor(id: bigint): Promise<void>;
    held(): FloorHold | null;
    trouble(): Error | null;
  };
  /** Inserts a marker entry into the log and gives its id. */
  readonly insertMarker: () => Promise<bigint>;
  /** The epoch of the ids that the log hands out now. */
  readonly epoch: number;
  /** Told of loads of whole tables: before their first row is read, and when Kafka has acknowledged their last one. */
  readonly loads: {
    began(job: RunningJob, plan: TablePlan): Promise<void>;
    ended(job: RunningJob, plan: TablePlan): Promise<void>;
  };
  /** Prepares a table's topic side; the result makes the record of a row: version (epoch, floor), op r. */
  readonly recorder: (plan: TablePlan) => Promise<(row: SnapshotRow, floor: bigint) => T>;
  /** Whether what reads the topics is behind, so that a load has to wait. */
  readonly lag: {
    /** Measures while loads run. */
    start(): void;
    stop(): void;
    readonly behind: boolean;
    /** Which stage that is, and how far, for people. */
    readonly slowest: string;
    /** Resolves when it is behind no longer, or `signal` aborts. */
    caughtUp(signal: AbortSignal): Promise<void>;
  };
  readonly log: SnapshotLog;
}
