import { createConnection, type Connection, type ResultSetHeader } from 'mysql2/promise';
import { Readable } from 'node:stream';
import { mysqlOptions } from '../../src';

/** A step of a scenario: SQL of session A, or of another one; `later`: it waits for a lock, its outcome comes at `join`. */
export type Step =
  | string
  | {
      readonly on?: string;
      readonly sql: string;
      readonly values?: readonly unknown[];
      readonly later?: true;
      /** A documented difference (docs/application.md) that this step must show, by its name there. */
      readonly differs?: string;
      /** Servers on which it does; default both. */
      readonly only?: 'mysql' | 'mariadb';
    }
  | { readonly join: string; readonly differs?: string; readonly only?: 'mysql' | 'mariadb' };

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Deadlocks: whose transaction is the victim is chance, so outcomes are compared as a set. */
  readonly anyOrder?: true;
  readonly only?: 'mysql' | 'mariadb';
  /** A documented difference to which all that differs here belongs. */
  readonly differs?: string;
  /** Default both. */
  readonly probes?: readonly Probe[];
}

/** What a session shows after a statement: its counters, or its warnings, since looking at one hides the other. */
export type Probe = 'counts' | 'warnings';

const probes: Record<Probe, string> = {
  counts: 'SELECT ROW_COUNT(), FOUND_ROWS(), LAST_INSERT_ID(), @@warning_count, @@error_count, @@insert_id',
  warnings: 'SHOW WARNINGS',
};

/** One application session against one database. */
export class Session {
  #pending: Promise<unknown> | undefined;

  private constructor(
    readonly connection: Connection,
    private readonly database: string,
    private readonly probe: Probe,
  ) {}

  static async open(url: string, database: string, probe: Probe): Promise<Session> {
    const connection = await createConnection({
      ...mysqlOptions(url),
      database,
      multipleStatements: false,
      flags: ['+LOCAL_FILES'],
      infileStreamFactory: (path: string) => Readable.from([Buffer.from(decodeURIComponent(path))]),
    });
    connection.on('error', () => {});
    await connection.query(`SET timestamp = 1700000000.123456, innodb_lock_wait_timeout = 1`);
    // MariaDB gives a session FOUND_ROWS() and the warnings of the one before it, until it reads a table.
    await connection.query('SELECT 1 FROM information_schema.engines LIMIT 1');
    return new Session(connection, database, probe);
  }

  async run(step: Exclude<Step, string | { join: string }>): Promise<unknown> {
    const outcome = this.#outcome(step.sql, step.values);
    if (!step.later) return outcome;
    this.#pending = outcome;
    return 'later';
  }

  async join(): Promise<unknown> {
    return this.#pending;
  }

  async #outcome(sql: string, values?: readonly unknown[]): Promise<unknown> {
    const result = await (
      values ? this.connection.execute(sql, [...values] as never[]) : this.connection.query(sql)
    ).then(
      ([found]) => shape(found),
      (error: unknown) => fault(error),
    );
    const [seen] = await this.connection.query(this.probe === 'counts' ? probes.counts : probes.warnings);
    return JSON.parse(JSON.stringify({ result, seen }).replaceAll(this.database, 'DB')) as unknown;
  }

  /** Every session variable but those that differ between any two sessions. */
  async variables(): Promise<Record<string, string>> {
    await this.connection.query('SET sql_big_selects = 1');
    const [rows] = await this.connection.query({ sql: 'SHOW SESSION VARIABLES', rowsAsArray: true });
    const varying =
      /^(timestamp|pseudo_thread_id|rand_seed|gtid|last_gtid|statement_id|proxy|innodb_buffer|wsrep|external_user|in_transaction_registry|server_audit)/;
    return Object.fromEntries(
      (rows as unknown as [string, string][]).filter(([name]) => !varying.test(name)),
    );
  }
}

function shape(found: unknown): unknown {
  if (!Array.isArray(found)) return header(found as ResultSetHeader);
  return found.map((part: unknown) =>
    part && typeof part === 'object' && 'affectedRows' in part
      ? header(part as unknown as ResultSetHeader)
      : part,
  );
}

const header = ({
  affectedRows,
  changedRows,
  insertId,
  info,
  warningStatus,
  serverStatus,
}: ResultSetHeader) => ({
  affectedRows,
  changedRows,
  insertId,
  info,
  warningStatus,
  serverStatus,
});

const fault = (error: unknown) => {
  const { errno, sqlState, message } = error as { errno: number; sqlState: string; message: string };
  return { errno, sqlState, message };
};
