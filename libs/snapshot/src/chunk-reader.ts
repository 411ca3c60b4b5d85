import {
  imageSize,
  largeRowEncoder,
  rowCodec,
  type Cell,
  type Image,
  type RowSchema,
} from '@tributary/contract';
import { freeLarge } from '@tributary/kernel';
import { rereadRow, type Connection, type TablePlan } from '@tributary/capture';
import type { Connection as CoreConnection } from 'mysql2';
import type { Socket } from 'node:net';
import { ChunkQueries } from './chunk-query';
import type { KeyBound } from './key-range';
import { RowFeed } from './row-feed';

export interface SnapshotRow {
  /** JSON text of the key columns. */
  readonly key: string;
  /** JSON text of the row, of a large row as bytes. */
  readonly image: Image;
}

/** The callback connection beneath, the only one that streams. */
const coreOf = (connection: Connection) =>
  (connection as unknown as { connection: CoreConnection & { stream: Socket } }).connection;

/** Bounds of what a chunk holds at once. */
export interface ReaderBounds {
  /** Of a slice, in memory (R13). */
  readonly sliceRows: number;
  readonly sliceCharacters: number;
  /**
   * A statement that has been open for so long is ended while its rows wait: an ALTER would wait behind it, and every
   * writer behind the ALTER. Milliseconds.
   */
  readonly holdMs: number;
}

/** Those of a reader to which nothing else is said. */
export const usualBounds: ReaderBounds = { sliceRows: 1_000, sliceCharacters: 4 << 20, holdMs: 1_000 };
/**
 * For a server that sorts a chunk instead of reading it in the order of its index: it would compare the first 1,024 bytes
 * of a key only, and some versions of MySQL refuse rows of more than a fifteenth of their usual sort buffer.
 */
const SORTS = 'SET SESSION max_sort_length = 8192, SESSION sort_buffer_size = 16777216';

/** Reads one table by key ranges on a connection of its own. */
export class ChunkReader {
  readonly #queries: ChunkQueries;
  readonly #codec: ReturnType<typeof rowCodec>;
  readonly #large: ReturnType<typeof largeRowEncoder>;
  readonly #bounds: ReaderBounds;
  #connection: Connection | undefined;
  #feed: RowFeed | undefined;
  #lost: Error | undefined;
  #viewAt = Infinity;

  /** `connect` opens connections at UTC and `sql_mode=''`, which the reader ends. */
  constructor(
    private readonly connect: () => Promise<Connection>,
    private readonly plan: TablePlan,
    jobWhere: string | null,
    bounds: Partial<ReaderBounds> = {},
  ) {
    this.#bounds = { ...usualBounds, ...bounds };
    this.#queries = new ChunkQueries(plan, jobWhere);
    this.#codec = rowCodec(plan.schema);
    this.#large = largeRowEncoder(plan.schema);
  }

  get schema(): RowSchema {
    return this.plan.schema;
  }

  /** The server's number of its session, while it has one. */
  get thread(): number | undefined {
    return this.#connection && coreOf(this.#connection).threadId;
  }

  /** When the read view of the slice taken last existed for sure (`performance.now()`). */
  get viewAt(): number {
    return this.#viewAt;
  }

  /** The upper bound of the next chunk of about `rows` rows; `null`: the rest of the table. */
  async upperBound(lower: KeyBound, rows: number): Promise<KeyBound> {
    const connection = await this.#connected();
    const [found] = await connection.query({
      sql: this.#queries.upperBound(lower, rows),
      rowsAsArray: true,
    });
    return ((found as Cell[][])[0] as Cell[] | undefined) ?? null;
  }

  /**
   * Streams the rows of a range in slices, in key order. The statement's read view exists when the first slice, or the
   * end, arrives; reading goes on only as fast as slices are taken, by another statement where that takes long. `as` makes
   * of each row at once what the slice holds: an image is a rope of its cells until it is written somewhere, and ropes are
   * what costs the garbage collector.
   */
  async *slices<T = SnapshotRow>(
    lower: KeyBound,
    upper: KeyBound,
    as: (row: SnapshotRow) => T = (row) => row as T,
  ): AsyncGenerator<T[]> {
    const { sliceRows, sliceCharacters, holdMs } = this.#bounds;
    const oversize: Cell[][] = [];
    let slice: T[] = [];
    let from = lower;
    for (let rest = true; rest;) {
      const statement = await this.#stream(from, upper);
      let characters = 0;
      this.#viewAt = Infinity;
      rest = false;
      for (let rows = await statement.feed.next(); rows; rows = rest ? null : await statement.feed.next()) {
        if (this.#viewAt === Infinity) this.#viewAt = performance.now();
        for (const row of rows) {
          const key = this.#queries.keyOf(row);
          if (this.#queries.isLarge(row)) {
            oversize.push(key);
            continue;
          }
          const image = this.#codec.row(this.#queries.cellsOf(row));
          slice.push(as({ key: this.#codec.key(key), image }));
          characters += image.length;
          if (slice.length < sliceRows && characters < sliceCharacters) continue;
          yield* this.#held(slice, statement.begun + holdMs);
          slice = [];
          characters = 0;
          if (this.#connection) continue;
          from = this.#queries.boundOf(row);
          rest = true;
          break;
        }
      }
    }
    yield slice;
    for (const key of oversize) {
      const row = await this.#readAlone(key);
      if (!row) continue;
      const size = imageSize(row.image);
      this.#viewAt = performance.now();
      yield [as(row)];
      freeLarge(size);
    }
  }

  /** Hands a slice over while its statement is open, which is ended at `until`, or when nobody takes the rest. */
  *#held<T>(slice: T[], until: number): Generator<T[]> {
    const timer = setTimeout(() => this.close(), Math.max(0, until - performance.now()));
    let taken = false;
    try {
      yield slice;
      taken = true;
    } finally {
      clearTimeout(timer);
      if (!taken) this.close();
    }
  }

  /**
   * Ends the connection; the reader can be used again. At once: a mere goodbye would wait behind the rows that the server
   * has still to send, and the server behind us.
   */
  close(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (!connection) return;
    connection.destroy();
    coreOf(connection).stream.destroy();
  }

  async #stream(lower: KeyBound, upper: KeyBound) {
    const connection = await this.#connected();
    this.#feed = undefined;
    const feed = new RowFeed(coreOf(connection), this.#queries.rows(lower, upper));
    if (this.#connection !== connection) throw this.#lost;
    this.#feed = feed;
    return { feed, begun: performance.now() };
  }

  async #connected(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const connection = await this.connect();
    await connection.query(SORTS);
    // mysql2 tells of a lost connection nobody but the connection: its rows would be waited for, for ever.
    coreOf(connection).on('error', (error: Error) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      this.#lost = error;
      this.#feed?.fail(error);
    });
    return (this.#connection = connection);
  }

  /** A row too large for a chunk; it is read after the chunk, hence still above the chunk's floor. */
  async #readAlone(key: Cell[]): Promise<SnapshotRow | undefined> {
    const cells = await rereadRow(await this.#connected(), this.plan, key);
    return cells ? { key: this.#codec.key(key), image: this.#large(cells) } : undefined;
  }
}
