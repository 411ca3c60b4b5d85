import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { SeededRandom } from '@tributary/testing';

const WRITERS = 3;
const PAUSE_MS = 15;
const IDS = 300;
/** Deadlock, lock wait: an application tries again. */
const passing = new Set([1213, 1205]);

/** The statement itself names a column that is called otherwise by now; a trigger's columns are "in 'NEW'" or "in 'OLD'". */
const ownAffair = (errno: number, message: string) => errno === 1054 && !/'(NEW|OLD)'/.test(message);

interface Names {
  readonly id: string;
  readonly v: string;
}

/**
 * The application: inserts, updates and deletes, of several rows at once too, on connections that stay open through every
 * schema change. A statement that fails is kept, with its error.
 */
export class DriftWriters {
  readonly failures: string[] = [];
  written = 0;
  deletes = true;
  #running = true;
  #tolerated: string | null = null;
  readonly #paused = new Set<string>();
  readonly #busy = new Map<string, number>();
  readonly #columns: Map<string, Names>;
  #loops: Promise<void>[] = [];
  /** Of each writer: how many statements have ended. */
  readonly #ended: number[] = [];

  private constructor(private readonly tables: readonly string[]) {
    this.#columns = new Map(tables.map((table) => [table, { id: 'id', v: 'v' }]));
  }

  static async start(url: string, database: string, tables: readonly string[]): Promise<DriftWriters> {
    const writers = new DriftWriters(tables);
    for (let at = 0; at < WRITERS; at += 1) {
      const connection = await createConnection({ uri: url, database });
      writers.#ended.push(0);
      writers.#loops.push(writers.#run(at, connection, new SeededRandom(at + 1)));
    }
    return writers;
  }

  /** Columns have other names from now on. */
  rename(table: string, id: string, v: string): void {
    this.#columns.set(table, { id, v });
  }

  /** Failures with this error number (at the beginning of their text) are expected from now on. */
  tolerate(error: string | null): void {
    this.#tolerated = error;
  }

  /** Runs `work` while nobody writes to a table. */
  async paused(table: string, work: () => Promise<void>): Promise<void> {
    this.#paused.add(table);
    while ((this.#busy.get(table) ?? 0) > 0) await sleep(5);
    try {
      await work();
    } finally {
      this.#paused.delete(table);
    }
  }

  /** Waits for this many more statements. */
  async untilWritten(count: number): Promise<void> {
    const goal = this.written + count;
    while (this.written < goal && this.#running) await sleep(20);
  }

  /** Waits until no statement runs that has begun before this call. */
  async untilNoneIsOlder(): Promise<void> {
    const before = [...this.#ended];
    while (this.#running && this.#ended.some((count, at) => count === before[at])) await sleep(20);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
    this.#loops = [];
  }

  async #run(at: number, connection: Connection, random: SeededRandom): Promise<void> {
    while (this.#running) {
      const table = random.pick(this.tables);
      if (!this.#paused.has(table)) await this.#write(connection, table, random);
      this.#ended[at]! += 1;
      await sleep(PAUSE_MS);
    }
    await connection.end();
  }

  async #write(connection: Connection, table: string, random: SeededRandom): Promise<void> {
    const names = this.#columns.get(table)!;
    const sql = this.#statement(table, names, random);
    this.#busy.set(table, (this.#busy.get(table) ?? 0) + 1);
    try {
      await connection.query(sql);
      this.written += 1;
    } catch (error) {
      const { errno = 0, message } = error as { errno?: number; message: string };
      const text = `${errno} ${message} (${sql})`;
      if (
        !passing.has(errno) &&
        !ownAffair(errno, message) &&
        !(this.#tolerated && text.startsWith(this.#tolerated))
      )
        this.failures.push(text);
    } finally {
      this.#busy.set(table, this.#busy.get(table)! - 1);
    }
  }

  #statement(table: string, { id, v }: Names, random: SeededRandom): string {
    const first = random.integer(1, IDS);
    const many = `${id} IN (${first}, ${first + 1}, ${first + 2})`;
    const kind = random.integer(0, this.deletes ? 3 : 2);
    if (kind === 3) return `DELETE FROM ${table} WHERE ${random.integer(0, 1) ? many : `${id} = ${first}`}`;
    if (kind === 2) return `UPDATE ${table} SET ${v} = ${v} + 1 WHERE ${many}`;
    if (kind === 1) return `REPLACE INTO ${table} (${id}, ${v}) VALUES (${first}, 0), (${first + 1}, 1)`;
    return `INSERT INTO ${table} (${id}, ${v}) VALUES (${first}, 1) ON DUPLICATE KEY UPDATE ${v} = ${v} + 1`;
  }
}
