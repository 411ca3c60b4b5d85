import { createHash } from 'node:crypto';
import {
  cellText,
  imageText,
  keyColumns,
  largeRowEncoder,
  rowCodec,
  rowSchema,
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
import { freeLarge } from '@tributary/kernel';
import { ChunkReader } from './chunk-reader';
import { ChunkSize } from './chunk-size';
import type { KeyBound } from './key-range';
import { keyCells } from './key-values';
import { portions } from './portions';

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

/** A row by its key, as it is. */
export interface KeyedRow extends Pick<SourceRow, 'keyJson' | 'key' | 'row'> {
  /** Of its image. */
  readonly bytes: number;
}

/** A row with more is read by its columns. */
const LARGE_BYTES = 4 << 20;

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

  /** The keys of a range, in their order: of an index that is read alone, where the table has no row filter. */
  async *keys(lower: KeyBound, upper: KeyBound): AsyncGenerator<Pick<SourceRow, 'keyJson' | 'key'>[]> {
    const { table, key } = this.plan.schema;
    const schema = rowSchema({ table, columns: keyColumns(this.plan.schema), key });
    const reader = new ChunkReader(this.connect, { ...this.plan, schema }, null);
    try {
      yield* reader.slices(lower, upper, ({ key: keyJson }) => ({
        keyJson,
        key: JSON.parse(keyJson) as WireRow,
      }));
    } finally {
      reader.close();
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

  /** The rows of these keys that the source has, so many at a time as are within the bound of memory (R13). */
  async *rowsOf(connection: Connection, keys: readonly WireRow[]): AsyncGenerator<KeyedRow[]> {
    const sizes = await this.digests(connection, keys);
    const bytesOf = (keyJson: string) => sizes.get(keyJson)?.bytes ?? 0;
    let from = 0;
    for (const size of portions(keys.map((key) => bytesOf(this.keyJson(key))))) {
      const some = keys.slice(from, from + size);
      from += size;
      const bytes = bytesOf(this.keyJson(some[0]!));
      if (size === 1 && bytes > LARGE_BYTES) yield await this.#largeRow(connection, some[0]!, bytes);
      else {
        const found = await this.find(connection, some);
        yield [...found].map(([keyJson, { row }]) => ({ ...keyed(keyJson), row, bytes: bytesOf(keyJson) }));
      }
    }
  }

  async #largeRow(connection: Connection, key: WireRow, bytes: number): Promise<KeyedRow[]> {
    const text = await this.#largeText(connection, key);
    // What it was made of.
    freeLarge(bytes);
    return text === undefined
      ? []
      : [{ ...keyed(this.keyJson(key)), row: JSON.parse(text) as WireRow, bytes }];
  }

  /** Column by column: the image that the server makes holds binary data in hexadecimal. */
  async #largeText(connection: Connection, key: WireRow): Promise<string | undefined> {
    const cells = await rereadRow(connection, this.plan, keyCells(this.plan.schema, key));
    return cells ? imageText(largeRowEncoder(this.plan.schema)(cells)) : undefined;
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
    for (let from = 0; from < keys.length; from += KEYS_PER_QUERY) {
      const cells = keys.slice(from, from + KEYS_PER_QUERY).map((key) => keyCells(this.plan.schema, key));
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
const keyed = (keyJson: string) => ({ keyJson, key: JSON.parse(keyJson) as WireRow });
