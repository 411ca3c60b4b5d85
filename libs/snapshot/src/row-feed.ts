import type { Connection as CoreConnection } from 'mysql2';
import type { ChunkRow } from './chunk-query';

/** Rows that may wait here, beside those of the packets that the driver has at hand. */
const WAITING_ROWS = 64;

/**
 * The rows of one statement in parts, as fast as they are taken: the driver's own stream costs a promise and an event for
 * each row, as much as reading the row. Taken by one reader, whose calls of `next` do not overlap.
 */
export class RowFeed {
  #rows: ChunkRow[] = [];
  #ended = false;
  #error: Error | undefined;
  #wake = () => {};

  constructor(
    private readonly connection: CoreConnection,
    sql: string,
  ) {
    const query = connection.query({ sql, rowsAsArray: true });
    query.on('result', (row) => this.#take(row as ChunkRow));
    query.on('end', () => this.#end());
    query.on('error', (error: Error) => this.fail(error));
  }

  /** The rows that are there, at least one; `null` at the end. Throws the server's error, or the one given to `fail`. */
  async next(): Promise<ChunkRow[] | null> {
    if (this.#rows.length === 0 && !this.#ended && !this.#error) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      this.connection.resume();
      await woken;
    }
    if (this.#error) throw this.#error;
    const rows = this.#rows;
    this.#rows = [];
    return rows.length === 0 ? null : rows;
  }

  /** The connection is lost: the driver tells nobody else. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }

  #take(row: ChunkRow): void {
    if (this.#rows.push(row) >= WAITING_ROWS) this.connection.pause();
    this.#wake();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}
