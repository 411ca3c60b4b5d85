import { keyColumns, type Cell, type Column } from '@tributary/contract';
import { longColumns, quoteIdentifier, tableSelect, type TablePlan } from '@tributary/capture';
import { jobCondition } from './job-filter';
import { boundByNumber, keyOrder, rangeCondition, type KeyBound } from './key-range';

/**
 * The SQL of one table's snapshot; every value is read by its capture expression, as the triggers do (R9). Each stands
 * alone: to gather them into one JSON text takes MySQL twice as long as all the rest of reading a row.
 */
export class ChunkQueries {
  readonly #key: readonly Column[];
  readonly #from: string;
  readonly #boundCells: string;
  readonly #rowCells: string;
  readonly #filter: string;
  readonly #columns: number;
  /** Where the cells of the key stand in a row. */
  readonly #keyAt: readonly number[];
  /** Whether a row says if it is to be read alone: no other can be large. */
  readonly #saysLarge: boolean;
  /** A row's key cells are its bound, but where a column sorts by number. */
  readonly #boundInRow: boolean;

  constructor(plan: TablePlan, jobWhere: string | null) {
    const { schema } = plan;
    const { columns } = schema;
    const { cells, from, where, large } = tableSelect(plan);
    this.#key = keyColumns(schema);
    this.#columns = columns.length;
    this.#keyAt = this.#key.map((column) => columns.indexOf(column));
    this.#from = `FROM ${from}`;
    this.#boundCells = this.#key
      .map((column, at) =>
        boundByNumber(column)
          ? `CAST(${quoteIdentifier(column.name)} + 0 AS CHAR)`
          : cells[this.#keyAt[at]!]!,
      )
      .join(', ');
    const long = longColumns(plan);
    this.#saysLarge = large !== '';
    this.#boundInRow = this.#key.some(boundByNumber);
    this.#rowCells = [
      ...columns.map((column, at) =>
        long.includes(column) ? `IF(${large}, NULL, ${cells[at]})` : cells[at]!,
      ),
      ...(this.#saysLarge ? [`IF(${large}, '1', '0')`] : []),
      ...(this.#boundInRow ? [this.#boundCells] : []),
    ].join(', ');
    const conditions = [where, jobWhere === null ? '' : jobCondition(jobWhere)];
    this.#filter = conditions.map((condition) => condition && ` AND ${condition}`).join('');
  }

  /** The key of the `rows`-th row after `lower`: one row of key cells, or none when fewer are left. */
  upperBound(lower: KeyBound, rows: number): string {
    return (
      `SELECT ${this.#boundCells} ${this.#from} WHERE ${rangeCondition(this.#key, lower, null)} ` +
      `ORDER BY ${keyOrder(this.#key)} LIMIT 1 OFFSET ${rows - 1}`
    );
  }

  /** The cells of every row in the range, in key order, and what else `ChunkRow` holds. */
  rows(lower: KeyBound, upper: KeyBound): string {
    return (
      `SELECT ${this.#rowCells} ${this.#from} WHERE ${rangeCondition(this.#key, lower, upper)}${this.#filter} ` +
      `ORDER BY ${keyOrder(this.#key)}`
    );
  }

  /** The cells of a row, in column order. */
  cellsOf(row: ChunkRow): readonly Cell[] {
    return row.length === this.#columns ? row : row.slice(0, this.#columns);
  }

  /** The cells of a row's key, in key order. */
  keyOf(row: ChunkRow): Cell[] {
    return this.#keyAt.map((at) => row[at]!);
  }

  /** Whether a row's long columns are too long to be read with others: then it lacks cells. */
  isLarge(row: ChunkRow): boolean {
    return this.#saysLarge && row[this.#columns] === '1';
  }

  /** The bound behind which the rest of a range begins after this row. */
  boundOf(row: ChunkRow): KeyBound {
    return this.#boundInRow ? row.slice(-this.#key.length) : this.keyOf(row);
  }
}

/** A row as a chunk query returns it: its cells, whether it is large, the cells of its bound; the latter where they are needed. */
export type ChunkRow = readonly Cell[];
