/** Where Spark runs: one of `remote` and `master`. */
export interface SparkAddress {
  /** A Connect server that runs: `sc://host:port`, with `/;use_ssl=true;token=...` behind it where it asks for them. */
  readonly remote?: string;
  /** `local[*]`, `local[2,4]`, `spark://host:7077`: a Connect server of our own for the time of the run. */
  readonly master?: string;
  /** Environment of our own server, and hence of its workers where the master is local. */
  readonly env?: NodeJS.ProcessEnv;
  /** Heap of our own server, as `2g`. Default `2g`. */
  readonly memory?: string;
  /** Configuration of Spark: of our own server, and of the session. */
  readonly conf?: Readonly<Record<string, string>>;
  /** Receives progress lines of the start, which takes 10 to 20 seconds. */
  readonly say?: (line: string) => void;
}
