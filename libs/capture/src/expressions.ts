import type { Column } from '@tributary/contract';
import type { Flavour } from './flavour';

/**
 * The lossless text of a column's value in SQL, as every image cell holds it (R9). `ref` is where the value stands,
 * e.g. NEW.`a` or t.`a`. The traps behind each form are in docs/type-mapping.md.
 */
export function captureExpression(column: Column, ref: string, flavour: Flavour): string {
  switch (column.sourceKind) {
    case 'float':
      // A FLOAT's own text has 6 digits; times one it is widened to the exact double, and minus zero keeps its sign.
      return `CAST(${ref}*1E0 AS CHAR)`;
    case 'bit':
      return `CAST(${ref}+0 AS CHAR)`;
    case 'timestamp':
      // The instant, whatever the session's zone; the zero value has none (0 on one server, NULL on the other).
      return `IF(${ref}=0,'0',CAST(UNIX_TIMESTAMP(${ref}) AS CHAR))`;
    case 'text':
      return column.charset === undefined ? `CAST(${ref} AS CHAR)` : `CONVERT(${ref} USING utf8mb4)`;
    case 'enum':
    case 'set':
      return `CONVERT(${ref} USING utf8mb4)`;
    case 'json':
      // MariaDB's JSON_ARRAY would nest the value instead of quoting its text.
      return flavour === 'mariadb' ? `CONCAT('',${ref})` : `CONVERT(${ref} USING utf8mb4)`;
    case 'binary':
    case 'geometry':
      return `HEX(${ref})`;
    case 'int':
    case 'year':
    case 'bigint':
    case 'decimal':
    case 'date':
    case 'datetime':
    case 'time':
      return `CAST(${ref} AS CHAR)`;
  }
}

/** A row image: a JSON array with one text (or null) for each column, in order. */
export function imageExpression(
  columns: readonly Column[],
  refOf: (column: Column) => string,
  flavour: Flavour,
): string {
  return `JSON_ARRAY(${columns.map((column) => captureExpression(column, refOf(column), flavour)).join(',')})`;
}
