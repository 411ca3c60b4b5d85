/// <reference lib="es2024.string" />
import type { Rejection, RowSchema, WireRow } from '@tributary/contract';
import type { CellCheck } from './cell';
import { cellCheck } from './cell-check';

/** Checks one row image; `image` names it in the reason (`before`, `after`, `key`). `undefined`: nothing wrong. */
export type RowValidator = (row: WireRow, image: string) => Rejection | undefined;

/**
 * Compiles the check of one table's row images: exactly the schema's columns, each of its wire form, in range
 * and not longer than declared. A reason names the column and the rule, never the value.
 */
export function compileRowValidator(schema: Pick<RowSchema, 'columns'>): RowValidator {
  const fields = schema.columns.map(({ field }) => field);
  const nullable = schema.columns.map((column) => column.nullable);
  const checks: CellCheck[] = schema.columns.map(cellCheck);
  const known = new Set(fields);
  const reject = (image: string, field: string, what: string): Rejection => ({
    code: 'INVALID_ROW',
    reason: `${image}.${printable(field)} ${what}`,
  });
  return (row, image) => {
    for (let at = 0; at < fields.length; at += 1) {
      const field = fields[at]!;
      const value = row[field];
      if (value === null) {
        if (nullable[at]) continue;
        return reject(image, field, 'is null in a NOT NULL column');
      }
      if (value === undefined) return reject(image, field, 'is missing');
      const fault = checks[at]!(value);
      if (fault !== undefined)
        return Object.hasOwn(row, field) ? reject(image, field, fault) : reject(image, field, 'is missing');
    }
    const members = Object.keys(row);
    if (members.length === fields.length) return undefined;
    const unknown = members.find((field) => !known.has(field)) ?? '';
    return reject(image, unknown, 'is no column of this schema');
  };
}

/** A name from the message, safe to show: no control characters, bounded length. */
function printable(name: string): string {
  const short = name.length > 64 ? `${name.slice(0, 64)}...` : name;
  return /^[\w.-]+$/.test(short) ? short : JSON.stringify(short.toWellFormed());
}
