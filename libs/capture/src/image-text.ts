import type { Column, ColumnKind } from '@tributary/contract';
import { captureExpression } from './expressions';
import type { Flavour } from './flavour';

/** Kinds whose text JSON can hold as it is. */
const plain = new Set<ColumnKind>([
  ...(['int', 'bigint', 'year', 'decimal', 'float', 'bit'] as const),
  ...(['date', 'datetime', 'time', 'timestamp', 'binary', 'geometry'] as const),
]);

/** Kinds that CONCAT makes the same text of as CAST does. */
const asTheyAre = new Set<ColumnKind>(['int', 'bigint', 'decimal']);

/**
 * A row image, the same text as of `imageExpression`, put together by CONCAT: JSON_ARRAY builds a document first, which
 * costs the server up to half as much again. NULL when the text does not fit max_allowed_packet, and when a column that cannot be NULL
 * is NULL all the same.
 */
export function imageText(
  columns: readonly Column[],
  refOf: (column: Column) => string,
  flavour: Flavour,
): string {
  const pieces = columns.flatMap((column, at) => [
    text(at === 0 ? '[' : ', '),
    ...cell(column, refOf(column), flavour),
  ]);
  return `CONCAT(${joined([...pieces, text(']')]).join(',')})`;
}

/** A literal text, or an expression. */
type Piece = { readonly literal: string } | { readonly sql: string };

const text = (literal: string): Piece => ({ literal });

function cell(column: Column, ref: string, flavour: Flavour): Piece[] {
  const value = asTheyAre.has(column.sourceKind) ? ref : captureExpression(column, ref, flavour);
  const isPlain =
    plain.has(column.sourceKind) || (column.sourceKind === 'text' && column.charset === undefined);
  if (isPlain && !column.nullable) return [text('"'), { sql: value }, text('"')];
  const sql = isPlain ? `CONCAT('"',${value},'"')` : `JSON_QUOTE(${value})`;
  return [{ sql: column.nullable ? `IFNULL(${sql},'null')` : sql }];
}

/** As arguments, neighbouring literals in one. */
function joined(pieces: readonly Piece[]): string[] {
  const list: string[] = [];
  let literal = '';
  for (const piece of pieces)
    if ('literal' in piece) literal += piece.literal;
    else {
      list.push(`'${literal}'`, piece.sql);
      literal = '';
    }
  return [...list, `'${literal}'`].filter((part) => part !== "''");
}
