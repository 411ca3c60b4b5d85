import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mysqlError, openMysql } from './connect';
import { detectServer } from './flavour';
import { quoteIdentifier, quoteTable } from './identifiers';
import { execute, isLost } from './query';

/** The collation of literals while a statement is prepared by us, and at all other times. */
const OURS = 'utf8mb4_bin';
const USUAL = 'utf8mb4_general_ci';

/** Counts what the server prepared anew; it writes a table of all its counters for the answer, twenty times the price of the rest. */
const COUNT = `SHOW SESSION STATUS LIKE 'Com_stmt_reprepare'`;

/**
 * Tells whether tables were altered, dropped or exchanged, for about the price of a ping, which information_schema has
 * not: a server prepares a statement anew when a table of it is no longer the one that it was. The statement says itself
 * whether it was: a literal has the collation that the session had when it was parsed. MySQL does so after FLUSH, ANALYZE
 * and CREATE TRIGGER as well, so the answer may be yes for nothing, never no for something.
 */
export class DdlSentinel {
  readonly #prepared = new Set<string>();
  /** Statement names by table. */
  readonly #names = new Map<string, string>();
  #reprepared = -1;

  /** `connection`: for other look-ups of its user, between two calls. */
  private constructor(
    readonly connection: Connection,
    /** Whether statements were seen to say that they were prepared anew; else the server's count of them is asked for. */
    private readonly told: boolean,
  ) {}

  /** `captureSchema`: a database in which the account may make temporary tables. */
  static async open(url: string, captureSchema?: string): Promise<DdlSentinel> {
    const connection = await openMysql(url, { multipleStatements: true });
    try {
      // Behind an ALTER that waits for somebody's transaction: the stream of other tables must not wait as well.
      const seconds = (await detectServer(connection)).flavour === 'mariadb' ? 0 : 1;
      await execute(connection, `SET SESSION lock_wait_timeout = ${seconds}`);
      const told = captureSchema !== undefined && (await tellsOfPreparing(connection, captureSchema));
      return new DdlSentinel(connection, told);
    } catch (error) {
      connection.destroy();
      throw mysqlError(error);
    }
  }

  /**
   * Whether any of these tables (`database.table`) may have changed since the last call that asked about it; true for
   * the first call. What was logged before a call that says no was logged by the tables as they were. Calls must not
   * overlap.
   */
  async changed(asked: Iterable<string>): Promise<boolean> {
    const tables = [...asked];
    if (tables.length === 0) return false;
    const fresh = tables.filter((table) => !this.#prepared.has(table));
    try {
      for (const table of fresh) await this.#prepare(table);
      const anew = this.told ? await this.#preparedAnew(tables) : await this.#countedAnew(tables);
      return anew || fresh.length > 0;
    } catch (error) {
      if (isLost(error)) throw mysqlError(error);
      // A table is gone, or locked by an ALTER: the next call begins anew with these.
      for (const table of tables) this.#prepared.delete(table);
      return true;
    }
  }

  async #preparedAnew(tables: readonly string[]): Promise<boolean> {
    const answers = await executed(
      this.connection,
      tables.map((table) => this.#names.get(table)!),
    );
    const anew = tables.filter((_table, at) => answers[at] !== OURS);
    for (const table of anew) await this.#prepare(table);
    return anew.length > 0;
  }

  async #countedAnew(tables: readonly string[]): Promise<boolean> {
    const executes = tables.map((table) => `EXECUTE ${this.#names.get(table)}`);
    const [results] = await this.connection.query<RowDataPacket[][]>([...executes, COUNT].join('; '));
    const count = Number(results.at(-1)![0]!['Value']);
    const same = count === this.#reprepared;
    this.#reprepared = count;
    return !same;
  }

  async #prepare(table: string): Promise<void> {
    const name = this.#names.get(table) ?? `tributary_${this.#names.size}`;
    this.#names.set(table, name);
    await prepare(this.connection, name, quoteTable(table));
    this.#prepared.add(table);
  }

  close(): void {
    this.connection.destroy();
  }
}

/** A statement that reads no row of `table`, and answers with the collation under which it was parsed. */
async function prepare(connection: Connection, name: string, table: string): Promise<void> {
  const statement = `SELECT COLLATION('') FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE FALSE)`;
  try {
    await connection.query(`SET collation_connection = ${OURS}; PREPARE ${name} FROM ?`, [statement]);
  } finally {
    await execute(connection, `SET collation_connection = ${USUAL}`);
  }
}

async function executed(connection: Connection, names: readonly string[]): Promise<(string | undefined)[]> {
  const sql = names.map((name) => `EXECUTE ${name}`).join('; ');
  const [results] = await connection.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
  // One statement's rows do not come in a list of results.
  const rows = names.length === 1 ? [results] : results;
  return rows.map((found) => (found as unknown as string[][])[0]?.[0]);
}

/** Whether this server's statements tell of it, tried with a table of our own that is altered. */
async function tellsOfPreparing(connection: Connection, captureSchema: string): Promise<boolean> {
  const table = `${quoteIdentifier(captureSchema)}.\`altered\``;
  const ask = async () => (await executed(connection, ['tributary_try']))[0];
  try {
    await execute(connection, `CREATE TEMPORARY TABLE ${table} (a INT)`);
    await prepare(connection, 'tributary_try', table);
    const answers = [await ask(), await ask()];
    await execute(connection, `ALTER TABLE ${table} ADD COLUMN b INT`);
    answers.push(await ask());
    await execute(connection, 'DEALLOCATE PREPARE tributary_try');
    await execute(connection, `DROP TEMPORARY TABLE ${table}`);
    return answers.join() === [OURS, OURS, USUAL].join();
  } catch (error) {
    if (isLost(error)) throw error;
    return false;
  }
}
