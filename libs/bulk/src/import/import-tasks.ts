import { z } from 'zod';

const table = z.enum(['users', 'repositories']);

/** A file that a worker reads. */
export const fileTask = z.strictObject({
  /** Its place among the files: what a later one says of a row counts more. */
  no: z.int().min(0),
  /** A path that every executor can read. */
  file: z.string(),
});
export type FileTask = z.infer<typeof fileTask>;

/** A row as a part of a file knows it, or, as the last line, what the file was like. */
export const fileResult = z.union([
  z.strictObject({
    table,
    id: z.string(),
    no: z.int(),
    /** Place of the part in the file. */
    part: z.int(),
    /** The columns, as JSON text. */
    row: z.string(),
  }),
  z.strictObject({
    file: z.string(),
    lines: z.int(),
    broken: z.int(),
    /** Numbers of the first hundred broken lines. */
    brokenAt: z.array(z.int()),
  }),
]);
export type FileResult = z.infer<typeof fileResult>;
export type FileReport = Extract<FileResult, { lines: number }>;

/** All that the files know of one row: JSON texts, the latest last. */
export const rowTask = z.strictObject({ table, id: z.string(), rows: z.array(z.string()) });
export type RowTask = z.infer<typeof rowTask>;

/** Rows that were written together. */
export const writeResult = z.strictObject({ table, written: z.int() });
export type WriteResult = z.infer<typeof writeResult>;

/** A row that MySQL does not hold as the files have it. */
export const differingRow = z.strictObject({ table, id: z.string() });
export type DifferingRow = z.infer<typeof differingRow>;

/** Ids of a table from `from` to `to`, both included, as digits. */
export const idsTask = z.strictObject({ table, from: z.string(), to: z.string() });
export type IdsTask = z.infer<typeof idsTask>;

/** Ids that MySQL holds. */
export interface IdsResult {
  readonly table: IdsTask['table'];
  readonly ids: readonly string[];
}
