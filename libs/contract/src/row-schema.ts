import { createHash } from 'node:crypto';
import type { Column } from './column';

/** The captured column list of one table at one time: what the header `schema` of a change event names. */
export interface RowSchema {
  /** `database.table`. */
  readonly table: string;
  /** First 16 hex digits of the SHA-256 over the table, its columns and its key. */
  readonly fingerprint: string;
  /** Captured columns in image order. */
  readonly columns: readonly Column[];
  /** Wire names of the key columns, in key order. */
  readonly key: readonly string[];
}

/** Completes a schema with its fingerprint; equal inputs give equal fingerprints on every machine. */
export function rowSchema(schema: Omit<RowSchema, 'fingerprint'>): RowSchema {
  const { table, columns, key } = schema;
  const text = JSON.stringify([table, columns.map(columnText), key]);
  return { table, columns, key, fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}

function columnText(column: Column): [string, unknown][] {
  return Object.entries(column)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The key columns in key order. */
export function keyColumns(schema: RowSchema): Column[] {
  return schema.key.map((field) => {
    const column = schema.columns.find((candidate) => candidate.field === field);
    if (!column) throw new Error(`Schema of ${schema.table}: key column ${field} is not among its columns`);
    return column;
  });
}
