import {
  cellText,
  imageText,
  keyColumns,
  rowCodec,
  type Cell,
  type Column,
  type RowCodec,
  type WireRow,
} from '@tributary/change-event';
import {
  filterCondition,
  filterSource,
  imageExpression,
  keyCondition,
  quoteIdentifier,
  rereadRow,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import { ChunkReader, ChunkSize, type KeyBound } from '@tributary/snapshot';
import { keyCells } from './key-values';

/** A row as the source has it now. */
export class SourceRow {
  readonly row: WireRow;

  constructor(
    /** JSON text of the key columns; equal texts are equal keys. */
    readonly keyJson: string,
    /** JSON text of the row. */
    readonly image: string,
  ) {
    this.row = JSON.parse(image) as WireRow;
  }

  /** The key columns alone. */
  get key(): WireRow {
    return JSON.parse(this.keyJson) as WireRow;
  }
}

/** Keys looked up by one statement; keeps it far below max_allowed_packet and the range optimizer's memory. */
const KEYS_PER_QUERY = 500;

/** Reads one table of the source the way the snapshot does (R9), with sessions at UTC and `sql_mode=''`. */
export class SourceTable {
  readonly #codec: RowCodec;
  readonly #key: readonly Column[];
  readonly #reference: (column: Column) => string;
  readonly #rowCells: string;
  readonly #keyCells: string;

  constructor(
    readonly plan: TablePlan,
    private readonly connect: () => Promise<Connection>,
  ) {
    const { schema, settings, flavour } = plan;
    this.#reference = (column) => `${quoteIdentifier(settings.name)}.${quoteIdentifier(column.name)}`;
    this.#codec = rowCodec(schema);
    this.#key = keyColumns(schema);
    this.#keyCells = imageExpression(this.#key, this.#reference, flavour);
    this.#rowCells = imageExpression(schema.columns, this.#reference, flavour);
  }

  /**
   * All rows by chunks of the key range, each of slices of bounded size: no statement lasts longer than one chunk, and
   * between two chunks none is open. `where` narrows them down by an SQL condition; a chunk spans `mostRows` at most.
   */
  async *chunks(
    where: string | null = null,
    mostRows = Infinity,
  ): AsyncGenerator<AsyncIterable<SourceRow[]>> {
    const connections = [await this.connect(), await this.connect()];
    try {
      const [planner, reader] = connections.map(
        (connection) => new ChunkReader(connection, this.plan, where),
      );
      const size = new ChunkSize();
      let lower: KeyBound = null;
      do {
        const rows = Math.min(size.rows, mostRows);
        const upper: KeyBound = await planner!.upperBound(lower, rows);
        const started = performance.now();
        yield this.#chunk(reader!, lower, upper);
        size.took(rows, performance.now() - started);
        lower = upper;
      } while (lower !== null);
    } finally {
      for (const connection of connections) connection.destroy();
    }
  }

  async *#chunk(reader: ChunkReader, lower: KeyBound, upper: KeyBound): AsyncGenerator<SourceRow[]> {
    const slices = reader.slices(lower, upper, ({ key, image }) => new SourceRow(key, imageText(image)));
    for await (const slice of slices) if (slice.length > 0) yield slice;
  }

  /** The rows of these keys that the source has, by the JSON text of their key. */
  async find(connection: Connection, keys: readonly WireRow[]): Promise<Map<string, SourceRow>> {
    const found = new Map<string, SourceRow>();
    for (const [key, image] of await this.#select(connection, `${this.#keyCells}, ${this.#rowCells}`, keys)) {
      const cells = JSON.parse(key!) as Cell[];
      const row = image === null ? await this.#readAlone(connection, cells) : (JSON.parse(image!) as Cell[]);
      if (!row) continue;
      const keyJson = this.#codec.key(cells);
      found.set(keyJson, new SourceRow(keyJson, this.#codec.row(row)));
    }
    return found;
  }

  /** A row that is too large for one image. */
  async #readAlone(connection: Connection, key: readonly Cell[]): Promise<Cell[] | undefined> {
    const cells = await rereadRow(connection, this.plan, key);
    return cells?.map((cell, at) => cellText(this.plan.schema.columns[at]!, cell));
  }

  /** Which keys the source has for these: as stored, so a key that is equal by collation only shows its own spelling. */
  async keysFor(connection: Connection, keys: readonly WireRow[]): Promise<WireRow[]> {
    const rows = await this.#select(connection, this.#keyCells, keys);
    return rows.map(([key]) => JSON.parse(this.#codec.key(JSON.parse(key!) as Cell[])) as WireRow);
  }

  /** The JSON text of a key, as `find` uses it. */
  keyJson(key: WireRow): string {
    return this.#codec.key(keyCells(this.plan.schema, key));
  }

  async #select(
    connection: Connection,
    what: string,
    keys: readonly WireRow[],
  ): Promise<(string | null)[][]> {
    const rows: (string | null)[][] = [];
    const filter = filterCondition(this.plan);
    for (let at = 0; at < keys.length; at += KEYS_PER_QUERY) {
      const some = keys.slice(at, at + KEYS_PER_QUERY).map((key) => `(${this.#condition(key)})`);
      const [part] = await connection.query({
        sql: `SELECT ${what} FROM ${filterSource(this.plan)} WHERE (${some.join(' OR ')})${filter && ` AND ${filter}`}`,
        rowsAsArray: true,
      });
      rows.push(...(part as unknown as (string | null)[][]));
    }
    return rows;
  }

  #condition(key: WireRow): string {
    return keyCondition(this.#key, keyCells(this.plan.schema, key), this.#reference);
  }
}
