import { openMysql, type Connection } from '@tributary/capture';
import { pause } from '@tributary/kernel';
import type { SeededRandom } from '@tributary/testing';
import { PAIRS } from './loaded-tables';

const WRITERS = 3;

/** What applications do beside a load: late commits, rollbacks, deletes, key changes. */
export class Traffic {
  readonly counts = { committed: 0, rolledBack: 0 };
  readonly #stop = new AbortController();
  #writing: Promise<void>[] = [];
  #fresh = 1_000_000;

  constructor(
    private readonly url: string,
    private readonly database: string,
    private readonly random: SeededRandom,
    /** Of the table `wide`. */
    private readonly rows: number,
  ) {}

  async start(): Promise<void> {
    for (let nth = 0; nth < WRITERS; nth += 1)
      this.#writing.push(this.#write(await openMysql(this.url, { database: this.database })));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#writing);
  }

  async #write(connection: Connection): Promise<void> {
    const { random } = this;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await connection.query('START TRANSACTION');
        for (let nth = random.integer(1, 4); nth > 0; nth -= 1) await connection.query(this.#statement());
        // Now and then it stays open for as long as a range is read.
        if (random.chance(0.05)) await pause(2_000, signal);
        const rolls = random.chance(0.2);
        await connection.query(rolls ? 'ROLLBACK' : 'COMMIT');
        this.counts[rolls ? 'rolledBack' : 'committed'] += 1;
      } catch {
        // A deadlock with another writer.
        await connection.query('ROLLBACK');
      }
      await pause(random.integer(5, 40), signal);
    }
    connection.destroy();
  }

  #statement(): string {
    const { random } = this;
    const id = random.integer(0, this.rows - 1);
    const kind = random.integer(0, 5);
    if (kind === 0) return `DELETE FROM wide WHERE id = ${id}`;
    if (kind === 1) return `UPDATE wide SET id = ${(this.#fresh += 1)} WHERE id = ${id}`;
    if (kind === 2) return `INSERT INTO wide VALUES (${(this.#fresh += 1)}, 1, 'new')`;
    if (kind === 3) return `UPDATE pairs SET a = CONCAT('m', ${id % 60}) WHERE b = ${id % PAIRS}`;
    if (kind === 4) return `REPLACE INTO wide VALUES (${id}, ${id}, 'again')`;
    return `UPDATE wide SET v = v + 1 WHERE id = ${id}`;
  }
}
