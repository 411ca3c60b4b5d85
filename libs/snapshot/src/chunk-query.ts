import { keyColumns, type Cell, type Column } from '@tributary/change-event';
import {
  captureExpression,
  filterCondition,
  filterSource,
  imageExpression,
  longBytes,
  quoteIdentifier,
  type TablePlan,
} from '@tributary/capture';
import { jobCondition } from './job-filter';
import { boundByNumber, keyOrder, rangeCondition, type KeyBound } from './key-range';

/** Rows with more in their long columns are read alone: several of them wait in memory at a time (R13). */
const INLINE_BYTES = 256 << 10;

/** The SQL of one table's snapshot; every value is read by the capture expressions, as the triggers do (R9). */
export class ChunkQueries {
  readonly #key: readonly Column[];
  readonly #from: string;
  readonly #boundCells: string;
  readonly #rowCells: string;
  readonly #filter: string;
  /** A row's key image is its bound, but where a column sorts by number. */
  readonly #boundInRow: boolean;

  constructor(plan: TablePlan, jobWhere: string | null) {
    const { schema, flavour } = plan;
    this.#key = keyColumns(schema);
    this.#from = `FROM ${filterSource(plan)}`;
    const reference = (column: Column) => quoteIdentifier(column.name);
    this.#boundCells = this.#key
      .map((column) =>
        boundByNumber(column)
          ? `CAST(${reference(column)} + 0 AS CHAR)`
          : captureExpression(column, reference(column), flavour),
      )
      .join(', ');
    const image = (columns: readonly Column[]) => imageExpression(columns, reference, flavour);
    const bytes = longBytes(plan, reference);
    const whole = image(schema.columns);
    const bounded = bytes === null ? whole : `IF(${bytes} > ${INLINE_BYTES}, NULL, ${whole})`;
    this.#boundInRow = this.#key.some(boundByNumber);
    this.#rowCells = `${image(this.#key)}, ${bounded}${this.#boundInRow ? `, ${this.#boundCells}` : ''}`;
    const conditions = [filterCondition(plan), jobWhere === null ? '' : jobCondition(jobWhere)];
    this.#filter = conditions.map((condition) => condition && ` AND ${condition}`).join('');
  }

  /** The key of the `rows`-th row after `lower`: one row of key cells, or none when fewer are left. */
  upperBound(lower: KeyBound, rows: number): string {
    return (
      `SELECT ${this.#boundCells} ${this.#from} WHERE ${rangeCondition(this.#key, lower, null)} ` +
      `ORDER BY ${keyOrder(this.#key)} LIMIT 1 OFFSET ${rows - 1}`
    );
  }

  /** Key image and row image of every row in the range, in key order; the image of a row to be read alone comes as NULL. */
  rows(lower: KeyBound, upper: KeyBound): string {
    return (
      `SELECT ${this.#rowCells} ${this.#from} WHERE ${rangeCondition(this.#key, lower, upper)}${this.#filter} ` +
      `ORDER BY ${keyOrder(this.#key)}`
    );
  }

  /** The bound behind which the rest of a range begins after this row. */
  boundOf([key, , ...bound]: ImageRow): KeyBound {
    return this.#boundInRow ? bound : cellsOf(key);
  }
}

/** A row as a chunk query returns it: two JSON arrays of cells, and the cells of its bound where they are others. */
export type ImageRow = readonly [key: string, image: string | null, ...bound: Cell[]];

export const cellsOf = (image: string): Cell[] => JSON.parse(image) as Cell[];
