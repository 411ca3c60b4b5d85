import { appendFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { pause } from '@tributary/kernel';
import { createConnection, type Connection } from 'mysql2/promise';
import type { Statement } from './statement';
import type { Transaction } from './transactions';

export interface WriterCounts {
  committed: number;
  rolledBack: number;
  /** Statements that met a duplicate key or a foreign key. */
  refused: number;
  /** Transactions that ended in a deadlock, a lock wait or a full disk. */
  conflicts: number;
  /** Those of them that were deadlocks. */
  deadlocks: number;
  /** The server or the connection went away; whether a commit took place is then unknown, as for any application. */
  lost: number;
  statements: number;
  rows: number;
}

/** Duplicate key and foreign keys: they undo their statement only, and the transaction goes on as many applications do. */
const refusals = new Set([1062, 1451, 1452, 1761]);
/** Lock wait, deadlock, and a record that changed under a lock: the transaction is given up. */
const DEADLOCK = 1213;
const conflicts = new Set([1205, DEADLOCK, 1020]);
/** The server has no room for a file, a table or the binary log. */
const fullDisk = new Set([1021, 1026, 1114, 1598]);
/** Shutdown in progress, killed connection or query. */
const gone = new Set([1053, 1152, 1317, 1927, 3024]);

/** One application connection: runs transactions until told to stop, and comes back when its server did. */
export class Writer {
  readonly counts: WriterCounts = {
    committed: 0,
    rolledBack: 0,
    refused: 0,
    conflicts: 0,
    deadlocks: 0,
    lost: 0,
    statements: 0,
    rows: 0,
  };
  /** Errors that no application should see; capture is the first suspect (R1). */
  readonly unexpected: string[] = [];
  #connection: Connection | undefined;

  constructor(
    private readonly options: {
      readonly url: string;
      readonly database: string;
      readonly logFile: string;
      readonly isolation: 'REPEATABLE READ' | 'READ COMMITTED';
      readonly transactions: Generator<Transaction>;
    },
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    for (const transaction of this.options.transactions) {
      await pause(transaction.pauseMs, signal);
      if (signal.aborted) break;
      await this.#attempt(transaction, signal);
    }
    await this.#connection?.end().catch(() => undefined);
  }

  async #attempt(transaction: Transaction, signal: AbortSignal): Promise<void> {
    let connection: Connection;
    try {
      connection = this.#connection ??= await this.#connect();
    } catch {
      this.counts.lost += 1;
      await sleep(500);
      return;
    }
    let rows = 0;
    let done = 0;
    try {
      await connection.beginTransaction();
      for (const statement of transaction.statements) {
        rows += await this.#execute(connection, statement);
        done += 1;
      }
      await pause(transaction.holdMs, signal);
      await connection[transaction.end]();
      this.counts[transaction.end === 'commit' ? 'committed' : 'rolledBack'] += 1;
      this.counts.rows += transaction.end === 'commit' ? rows : 0;
      this.#note(transaction.end, transaction.statements);
    } catch (error) {
      await this.#failed(
        connection,
        error as Error & { errno?: number },
        transaction.statements.slice(0, done + 1),
      );
    }
  }

  async #execute(connection: Connection, { sql, infile }: Statement): Promise<number> {
    this.counts.statements += 1;
    const options =
      infile === undefined
        ? { sql }
        : { sql, infileStreamFactory: () => Readable.from([Buffer.from(infile)]) };
    try {
      const [result] = await connection.query(options);
      return 'affectedRows' in result ? result.affectedRows : 0;
    } catch (error) {
      if (!refusals.has((error as { errno?: number }).errno ?? 0)) throw error;
      this.counts.refused += 1;
      return 0;
    }
  }

  async #failed(
    connection: Connection,
    error: Error & { errno?: number; fatal?: boolean },
    statements: readonly Statement[],
  ): Promise<void> {
    const errno = error.errno ?? 0;
    const isLost = errno < 1000 || gone.has(errno) || error.fatal === true;
    this.#note(`${isLost ? 'lost' : 'refused'}: ${error.message}`, statements);
    if (isLost) {
      this.counts.lost += 1;
      this.#drop(connection);
      return;
    }
    this.counts.conflicts += 1;
    if (errno === DEADLOCK) this.counts.deadlocks += 1;
    const noRoom = fullDisk.has(errno) || /\b(28|No space left on device)\b/.test(error.message);
    if (!conflicts.has(errno) && !noRoom)
      this.unexpected.push(`${errno} ${error.message} at ${statements.at(-1)?.sql.slice(0, 300)}`);
    await connection.rollback().catch(() => this.#drop(connection));
  }

  #drop(connection: Connection): void {
    connection.destroy();
    this.#connection = undefined;
  }

  async #connect(): Promise<Connection> {
    const { url, database, isolation } = this.options;
    const connection = await createConnection({
      uri: url,
      database,
      charset: 'utf8mb4',
      flags: ['+LOCAL_FILES'],
    });
    connection.on('error', () => this.#drop(connection));
    // A row that a long transaction holds must not stop a quick writer for the default 50 s.
    await connection.query(`SET time_zone = '+00:00', innodb_lock_wait_timeout = 1`);
    await connection.query(`SET SESSION TRANSACTION ISOLATION LEVEL ${isolation}`);
    return connection;
  }

  #note(outcome: string, statements: readonly Statement[]): void {
    const at = new Date().toISOString();
    const text = statements.map(({ sql, infile }) => (infile ? `${sql} <${infile.trimEnd()}>` : sql));
    appendFileSync(this.options.logFile, `${JSON.stringify({ at, outcome, statements: text })}\n`);
  }
}
