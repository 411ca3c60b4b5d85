import {
  freeLarge,
  imageSize,
  largeRowEncoder,
  rowCodec,
  type Cell,
  type Image,
  type RowSchema,
} from '@tributary/change-event';
import { rereadRow, type Connection, type TablePlan } from '@tributary/capture';
import type { Connection as CoreConnection } from 'mysql2';
import { cellsOf, ChunkQueries, type ImageRow } from './chunk-query';
import type { KeyBound } from './key-range';

export interface SnapshotRow {
  /** JSON text of the key columns. */
  readonly key: string;
  /** JSON text of the row, of a large row as bytes. */
  readonly image: Image;
}

/** The callback connection beneath, the only one that streams. */
const coreOf = (connection: Connection) =>
  (connection as unknown as { connection: CoreConnection }).connection;

/** Bounds of what a chunk holds in memory at once, whatever its rows weigh (R13). */
const SLICE_ROWS = 1_000;
const SLICE_CHARACTERS = 4 << 20;
/** Rows that the driver may have read ahead. */
const STREAM_ROWS = 64;

/** Reads one table by key ranges on one connection, whose session is at UTC and `sql_mode=''`. */
export class ChunkReader {
  readonly #queries: ChunkQueries;
  readonly #codec: ReturnType<typeof rowCodec>;
  readonly #large: ReturnType<typeof largeRowEncoder>;

  constructor(
    private readonly connection: Connection,
    private readonly plan: TablePlan,
    jobWhere: string | null,
  ) {
    this.#queries = new ChunkQueries(plan, jobWhere);
    this.#codec = rowCodec(plan.schema);
    this.#large = largeRowEncoder(plan.schema);
  }

  get schema(): RowSchema {
    return this.plan.schema;
  }

  /** The upper bound of the next chunk of about `rows` rows; `null`: the rest of the table. */
  async upperBound(lower: KeyBound, rows: number): Promise<KeyBound> {
    const [found] = await this.connection.query({
      sql: this.#queries.upperBound(lower, rows),
      rowsAsArray: true,
    });
    return ((found as Cell[][])[0] as Cell[] | undefined) ?? null;
  }

  /**
   * Streams the rows of a range in slices. The statement's read view exists when the first slice, or the end,
   * arrives; reading goes on only as fast as slices are taken. `as` makes of each row at once what the slice holds:
   * an image is a rope of its cells until it is written somewhere, and ropes are what costs the garbage collector.
   */
  async *slices<T = SnapshotRow>(
    lower: KeyBound,
    upper: KeyBound,
    as: (row: SnapshotRow) => T = (row) => row as T,
  ): AsyncGenerator<T[]> {
    const stream = coreOf(this.connection)
      .query({ sql: this.#queries.rows(lower, upper), rowsAsArray: true })
      .stream({ highWaterMark: STREAM_ROWS }) as AsyncIterable<ImageRow>;
    let slice: T[] = [];
    let characters = 0;
    const oversize: Cell[][] = [];
    for await (const [key, image] of stream) {
      if (image === null) {
        oversize.push(cellsOf(key));
        continue;
      }
      const text = this.#codec.row(cellsOf(image));
      slice.push(as({ key: this.#codec.key(cellsOf(key)), image: text }));
      characters += text.length;
      if (slice.length >= SLICE_ROWS || characters >= SLICE_CHARACTERS) {
        yield slice;
        slice = [];
        characters = 0;
      }
    }
    yield slice;
    for (const key of oversize) {
      const row = await this.#readAlone(key);
      if (!row) continue;
      const size = imageSize(row.image);
      yield [as(row)];
      freeLarge(size);
    }
  }

  /** A row too large for a chunk; it is read after the chunk, hence still above the chunk's floor. */
  async #readAlone(key: Cell[]): Promise<SnapshotRow | undefined> {
    const cells = await rereadRow(this.connection, this.plan, key);
    return cells ? { key: this.#codec.key(key), image: this.#large(cells) } : undefined;
  }
}
