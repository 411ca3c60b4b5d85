import { CALL_MS, type Connection } from './client/connection';
import { call } from './client/call';
import { statementPlan, viewPlan } from './client/plan';
import { runStatement } from './client/statement-run';
import { AnalyzePlanRequest_Explain_ExplainMode } from './proto/spark/connect/base_pb';
import type { OwnServer } from './server/own-server';
import type { Row, StatementOptions } from './statement';

/** A server that does not answer any more must not keep a command from its end, milliseconds. */
const CLOSE_MS = 5000;

/**
 * A session at a Connect server, from `openSpark`: temporary views and configuration are its own. Statements may run
 * beside each other. Calls reject with a SyncError of one sentence, or with the reason of an aborted signal.
 */
export class SparkSession {
  readonly #connection: Connection;
  readonly #server: OwnServer | undefined;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(
    connection: Connection,
    /** Of Spark. */
    readonly version: string,
    server?: OwnServer,
  ) {
    this.#connection = connection;
    this.#server = server;
  }

  /**
   * Runs one SQL statement once its rows are asked for; they come batch by batch. An aborted signal, and a consumer that
   * leaves early, interrupt it by its tag on the server.
   */
  query(sql: string, options?: StatementOptions): AsyncIterable<readonly Row[]> {
    return runStatement(this.#connection, statementPlan(sql), this.#closing.signal, options);
  }

  /** All rows; for small results. */
  async rows(sql: string, options?: StatementOptions): Promise<Row[]> {
    const all: Row[] = [];
    for await (const rows of this.query(sql, options)) for (const row of rows) all.push(row);
    return all;
  }

  /** Makes a temporary view of a query, or replaces it; the query runs whenever the view is read. */
  async view(name: string, sql: string): Promise<void> {
    // It gives no rows.
    await runStatement(this.#connection, viewPlan(name, sql), this.#closing.signal).next();
  }

  /** Of this session; what belongs to the whole server cannot be set here. */
  async setConf(conf: Readonly<Record<string, string>>): Promise<void> {
    const pairs = Object.entries(conf).map(([key, value]) => ({ key, value }));
    await call(this.#connection, ({ client, common }) =>
      client.config(
        { ...common, operation: { opType: { case: 'set', value: { pairs } } } },
        { timeoutMs: CALL_MS },
      ),
    );
  }

  /** How many tasks run at once now (Spark's default parallelism): on a cluster two at least, also before executors are there. */
  async slots(): Promise<number> {
    const plan = statementPlan('SELECT * FROM range(1)');
    const explainMode = AnalyzePlanRequest_Explain_ExplainMode.SIMPLE;
    const { result } = await call(this.#connection, ({ client, common }) =>
      client.analyzePlan(
        { ...common, analyze: { case: 'explain', value: { plan, explainMode } } },
        { timeoutMs: CALL_MS },
      ),
    );
    const text = result.case === 'explain' ? result.value.explainString : '';
    return Number(/\bsplits=(?:Some\()?(\d+)/.exec(text)?.[1] ?? 1);
  }

  /** Interrupts what still runs, ends the session, and our own server if there is one. Never rejects, never hangs. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const { client, common } = this.#connection;
    this.#closing.abort();
    const { sessionId, userContext, clientType } = common;
    await client
      .releaseSession({ sessionId, userContext, clientType }, { timeoutMs: CLOSE_MS })
      .catch(() => undefined);
    this.#connection.drop();
    await this.#server?.stop();
  }
}
