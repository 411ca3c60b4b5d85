import type { Column } from '@tributary/contract';
import { isLong } from './column-type';
import type { TablePlan } from './describe';
import { captureExpression } from './expressions';
import type { Flavour } from './flavour';
import { quoteIdentifier } from './identifiers';
import { filterCondition, filterSource } from './row-filter';

/** Rows with more in their long columns are read alone: several of them wait in memory at a time (R13). */
const INLINE_BYTES = 256 << 10;

/** A JSON value's text is at most so many times as long as what MySQL stores: a control character of one byte takes six. */
const JSON_GROWTH = 8;

/** How the rows of a table are read from the table itself, as image cells (R9). */
export interface TableSelect {
  /** For each captured column, in image order, the text of its cell. */
  readonly cells: readonly string[];
  /** The table as `cells` and `where` name it. */
  readonly from: string;
  /** The row filter; '' where all rows are captured. */
  readonly where: string;
  /** True of a row whose long values are not to be read beside those of others; '' where no row has any. */
  readonly large: string;
}

/** The SELECT of a table's rows, with the expressions that its triggers use. */
export function tableSelect(plan: TablePlan): TableSelect {
  const { schema, flavour } = plan;
  const reference = ({ name }: Column) => quoteIdentifier(name);
  const long = longColumns(plan).map((column) => bytesOf(column, reference(column), flavour));
  return {
    cells: schema.columns.map((column) => captureExpression(column, reference(column), flavour)),
    from: filterSource(plan),
    where: filterCondition(plan),
    large: long.length === 0 ? '' : `${long.join('+')} > ${INLINE_BYTES}`,
  };
}

/** The columns whose values may be large; a key's never are. */
export const longColumns = ({ schema }: Pick<TablePlan, 'schema'>): Column[] =>
  schema.columns.filter((column) => isLong(column) && !schema.key.includes(column.field));

/** Bytes of a long value, 0 of NULL. A JSON value has no text before MySQL writes it: where it is short its size will do. */
function bytesOf({ sourceKind }: Column, reference: string, flavour: Flavour): string {
  const bytes = `OCTET_LENGTH(${reference})`;
  if (sourceKind !== 'json' || flavour === 'mariadb') return `IFNULL(${bytes},0)`;
  const stored = `JSON_STORAGE_SIZE(${reference})`;
  return `IFNULL(IF(${stored} > ${INLINE_BYTES / JSON_GROWTH}, ${bytes}, ${stored}),0)`;
}
