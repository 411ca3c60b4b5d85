import type { Row, StatementOptions } from './statement';

/** A session at a Connect server: temporary views and configuration are its own. Statements may run beside each other. */
export interface SparkSession {
  /** Of Spark. */
  readonly version: string;
  /** Runs one SQL statement; rows batch by batch as they come. An aborted signal interrupts it by its tag on the server. */
  query(sql: string, options?: StatementOptions): AsyncIterable<readonly Row[]>;
  /** All rows; for small results. */
  rows(sql: string, options?: StatementOptions): Promise<Row[]>;
  /** Makes a temporary view of a query. */
  view(name: string, sql: string): Promise<void>;
  setConf(conf: Readonly<Record<string, string>>): Promise<void>;
  /** How many tasks run at once now (default parallelism). */
  slots(): Promise<number>;
  /** Interrupts what still runs, ends the session, and our own server if there is one. Never rejects, never hangs. */
  close(): Promise<void>;
}
