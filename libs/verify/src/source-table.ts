import { createHash } from 'node:crypto';
import {
  cellText,
  imageText,
  keyColumns,
  rowCodec,
  type Cell,
  type RowCodec,
  type WireRow,
} from '@tributary/contract';
import {
  columnOf,
  imageExpression,
  keyedRows,
  rereadRow,
  spannedRows,
  type Connection,
  type KeySpan,
  type TablePlan,
} from '@tributary/capture';
import { chunked } from '@tributary/kernel';
import { ChunkReader, ChunkSize, type KeyBound } from '@tributary/snapshot';
import { keyCells } from './key-values';

/** A row as the source has it now. */
export class SourceRow {
  readonly row: WireRow;

  constructor(
    /** JSON text of the key columns; equal texts are equal keys. */
    readonly keyJson: string,
    /** JSON text of the row. */
    image: string,
  ) {
    this.row = JSON.parse(image) as WireRow;
  }

  /** The key columns alone. */
  get key(): WireRow {
    return JSON.parse(this.keyJson) as WireRow;
  }
}

/** What tells one state of a row from another without the row. */
export interface RowDigest {
  readonly digest: string;
  /** Of its image. */
  readonly bytes: number;
}

/** A row that was looked up, with the digest of the same instant. */
export interface FoundRow extends Pick<RowDigest, 'digest'> {
  readonly row: WireRow;
}

/** Keys looked up by one statement; keeps it far below max_allowed_packet and the range optimizer's memory. */
const KEYS_PER_QUERY = 500;

/** Reads one table of the source the way the snapshot does (R9), with sessions at UTC and `sql_mode=''`. */
export class SourceTable {
  readonly #codec: RowCodec;
  readonly #rowCells: string;
  readonly #keyCells: string;
  /** NULL where the image is. */
  readonly #digest: string;

  constructor(
    readonly plan: TablePlan,
    private readonly connect: () => Promise<Connection>,
  ) {
    const { schema, flavour } = plan;
    this.#codec = rowCodec(schema);
    this.#keyCells = imageExpression(keyColumns(schema), columnOf(plan), flavour);
    this.#rowCells = imageExpression(schema.columns, columnOf(plan), flavour);
    this.#digest = `SHA2(${this.#rowCells}, 256)`;
  }

  /**
   * All rows by chunks of the key range, each of slices of bounded size: no statement lasts longer than one chunk, and
   * between two chunks none is open. `where` narrows them down by an SQL condition; a chunk spans `mostRows` at most.
   */
  async *chunks(
    where: string | null = null,
    mostRows = Infinity,
  ): AsyncGenerator<AsyncIterable<SourceRow[]>> {
    const newReader = () => new ChunkReader(this.connect, this.plan, where);
    const [planner, reader] = [newReader(), newReader()];
    try {
      const size = new ChunkSize();
      let lower: KeyBound = null;
      do {
        const rows = Math.min(size.rows, mostRows);
        const upper: KeyBound = await planner.upperBound(lower, rows);
        const started = performance.now();
        yield this.#chunk(reader, lower, upper);
        size.took(rows, performance.now() - started);
        lower = upper;
      } while (lower !== null);
    } finally {
      for (const each of [planner, reader]) each.close();
    }
  }

  async *#chunk(reader: ChunkReader, lower: KeyBound, upper: KeyBound): AsyncGenerator<SourceRow[]> {
    const slices = reader.slices(lower, upper, ({ key, image }) => new SourceRow(key, imageText(image)));
    for await (const slice of slices) if (slice.length > 0) yield slice;
  }

  /** The rows of these keys that the source has, by the JSON text of their key. */
  async find(connection: Connection, keys: readonly WireRow[]): Promise<Map<string, FoundRow>> {
    const found = new Map<string, FoundRow>();
    const what = `${this.#keyCells}, ${this.#rowCells}, ${this.#digest}`;
    for (const [key, image, digest] of await this.#select(connection, what, keys)) {
      const cells = JSON.parse(key!) as Cell[];
      const text = image ?? (await this.#readAlone(connection, cells));
      if (text === undefined) continue;
      const row = JSON.parse(this.#codec.row(JSON.parse(text) as Cell[])) as WireRow;
      found.set(this.#codec.key(cells), { row, digest: digest ?? sha256(text) });
    }
    return found;
  }

  /** Digests of the rows of these keys that the source has, made by the server, by the JSON text of their key. */
  async digests(connection: Connection, keys: readonly WireRow[]): Promise<Map<string, RowDigest>> {
    const found = new Map<string, RowDigest>();
    const what = `${this.#keyCells}, ${this.#digest}, LENGTH(${this.#rowCells})`;
    for (const [key, digest, bytes] of await this.#select(connection, what, keys)) {
      const cells = JSON.parse(key!) as Cell[];
      const name = this.#codec.key(cells);
      if (digest) {
        found.set(name, { digest, bytes: Number(bytes) });
        continue;
      }
      const alone = await this.#readAlone(connection, cells);
      if (alone !== undefined) found.set(name, { digest: sha256(alone), bytes: Buffer.byteLength(alone) });
    }
    return found;
  }

  /** The image of a row that is too large for the server to make one. */
  async #readAlone(connection: Connection, key: readonly Cell[]): Promise<string | undefined> {
    const cells = await rereadRow(connection, this.plan, key);
    if (!cells) return undefined;
    return JSON.stringify(cells.map((cell, at) => cellText(this.plan.schema.columns[at]!, cell)));
  }

  /** Which keys the source has for these: as stored, so a key that is equal by collation only shows its own spelling. */
  async keysFor(connection: Connection, keys: readonly WireRow[]): Promise<WireRow[]> {
    const rows = await this.#select(connection, this.#keyCells, keys);
    return rows.map(([key]) => JSON.parse(this.#codec.key(JSON.parse(key!) as Cell[])) as WireRow);
  }

  /** The first keys of a span, in the order of the key, which has one column. */
  async keysWithin(connection: Connection, span: KeySpan, limit: number): Promise<WireRow[]> {
    const [rows] = await connection.query({
      sql: `SELECT ${this.#keyCells} ${spannedRows(this.plan, span, limit)}`,
      rowsAsArray: true,
    });
    return (rows as unknown as string[][]).map(
      ([key]) => JSON.parse(this.#codec.key(JSON.parse(key!) as Cell[])) as WireRow,
    );
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
    for (const some of chunked(keys, KEYS_PER_QUERY)) {
      const cells = some.map((key) => keyCells(this.plan.schema, key));
      const [part] = await connection.query({
        sql: `SELECT ${what} ${keyedRows(this.plan, cells)}`,
        rowsAsArray: true,
      });
      rows.push(...(part as unknown as (string | null)[][]));
    }
    return rows;
  }
}

const sha256 = (image: string) => createHash('sha256').update(image).digest('hex');
