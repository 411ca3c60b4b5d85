import type { JobProgress, LoadWay } from '@tributary/bulk';
import type { EngineOptions } from './engine';

export interface BulkSnapshotInput extends EngineOptions {
  readonly table?: string | undefined;
  /** Only the rows for which this SQL is true. */
  readonly where?: string | undefined;
  /** Through Kafka, or, as a first load that no other reader of the topics waits for, straight into the targets. */
  readonly via?: LoadWay | undefined;
  /** Rows of a range; default: by the table's size and the cluster's slots. */
  readonly rangeRows?: number | undefined;
  /** Rows a second that all workers together may load; default: as fast as it goes. */
  readonly rate?: number | undefined;
  /** Told about every second how far the load of a table is; `total` is the server's estimate. */
  readonly onProgress?: (
    table: string,
    progress: JobProgress & { readonly job: string; readonly total: number },
  ) => void;
  readonly onTableEnd?: (table: string) => void;
}

/** What became of the load of a table. */
export interface BulkSnapshotResult {
  readonly table: string;
  readonly job: string;
  /** `stopped`: it was paused or cancelled meanwhile. */
  readonly state: 'done' | 'stopped';
  readonly rows: number;
  readonly ranges: number;
  /** Ranges that an earlier run had done. */
  readonly rangesBefore: number;
  readonly seconds: number;
}
