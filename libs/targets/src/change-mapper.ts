import type { RowSchema } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';
import type { RowChange } from './row-change';

/**
 * Says what a change of a row writes in a target: between the decoded change and the writer, which only writes. A row is one
 * document, or one key, of its own; where a document is made of rows of several tables, that is another mapper.
 */
export interface ChangeMapper<Write> {
  /** Adds the writes of a change to those at hand; `place` is its place in the batch. Throws an UnmappableError. */
  map(change: RowChange, place: number, writes: Write[]): void;
}

/** Chooses a table's mapper: once for each schema and settings, not for each row. */
export type MapperOf<Write> = (schema: RowSchema, table: TableSettings) => ChangeMapper<Write>;
