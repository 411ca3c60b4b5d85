import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mysqlError, openMysql } from './connect';
import { detectServer } from './flavour';
import { quoteTable } from './identifiers';
import { errorNumber, execute } from './query';

/**
 * Tells whether tables were altered, dropped or exchanged, for about the price of a ping, which information_schema has
 * not: a server prepares a statement anew when a table of it is no longer the one that it was, and counts that. MySQL
 * does so after FLUSH, ANALYZE and CREATE TRIGGER as well, so the answer may be yes for nothing, never no for something.
 */
export class DdlSentinel {
  readonly #prepared = new Set<string>();
  /** Statement names by table. */
  readonly #names = new Map<string, string>();
  #reprepared = -1;

  /** For other look-ups of its user, between two calls. */
  private constructor(readonly connection: Connection) {}

  static async open(url: string): Promise<DdlSentinel> {
    const connection = await openMysql(url, { multipleStatements: true });
    try {
      // Behind an ALTER that waits for somebody's transaction: the stream of other tables must not wait as well.
      const seconds = (await detectServer(connection)).flavour === 'mariadb' ? 0 : 1;
      await execute(connection, `SET SESSION lock_wait_timeout = ${seconds}`);
    } catch (error) {
      connection.destroy();
      throw mysqlError(error);
    }
    return new DdlSentinel(connection);
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
      const executes = tables.map((table) => `EXECUTE ${this.#names.get(table)}`);
      const [results] = await this.connection.query<RowDataPacket[][]>(
        [...executes, `SHOW SESSION STATUS LIKE 'Com_stmt_reprepare'`].join('; '),
      );
      const count = Number(results.at(-1)![0]!['Value']);
      const same = count === this.#reprepared && fresh.length === 0;
      this.#reprepared = count;
      return !same;
    } catch (error) {
      if (errorNumber(error) === 0 || (error as { fatal?: boolean }).fatal) throw mysqlError(error);
      // A table is gone, or locked by an ALTER: the next call begins anew with these.
      for (const table of tables) this.#prepared.delete(table);
      return true;
    }
  }

  async #prepare(table: string): Promise<void> {
    const name = this.#names.get(table) ?? `tributary_${this.#names.size}`;
    this.#names.set(table, name);
    await execute(this.connection, `PREPARE ${name} FROM ?`, [`SELECT 1 FROM ${quoteTable(table)} LIMIT 0`]);
    this.#prepared.add(table);
  }

  close(): void {
    this.connection.destroy();
  }
}
