/**
 * A row by its column names. BIGINT is a bigint, DECIMAL a string, BINARY a Uint8Array, DATE and TIMESTAMP a Date,
 * ARRAY an array, STRUCT an object, MAP a Map; smaller numbers, STRING and BOOLEAN are what they are in JavaScript.
 */
export type Row = Record<string, unknown>;

/** Tasks of all stages that Spark knows of by now; a later stage adds to them. */
export interface StatementProgress {
  readonly tasks: number;
  readonly done: number;
  readonly running: number;
}

export interface StatementOptions {
  /** Aborted: the statement is interrupted on the server, its tasks and their processes end, and the call rejects. */
  readonly signal?: AbortSignal;
  /** About every second while the statement runs. */
  readonly onProgress?: (progress: StatementProgress) => void;
  /** A name by which Spark's own pages show the statement. No comma. */
  readonly tag?: string;
}
