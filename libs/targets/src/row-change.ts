import {
  type Operation,
  type Rejection,
  type RowSchema,
  type Version,
  type WireRow,
} from '@tributary/contract';
import { SyncError } from '@tributary/kernel';
import type { TableSettings } from '@tributary/sync-config';
import { UnmappableError } from './mapping';

/** One change of one row, decoded and checked, on its way into a target. */
export interface RowChange {
  readonly table: TableSettings;
  readonly schema: RowSchema;
  readonly op: Exclude<Operation, 't'>;
  /** Key columns by wire name. */
  readonly key: WireRow;
  /** `rowKeyText` of the key: tells the rows of one table apart. */
  readonly keyText: string;
  /** The row; `null`: it was deleted. */
  readonly after: WireRow | null;
  readonly version: Version;
  /** When the change was made on the source (UTC milliseconds). */
  readonly tsMs: number;
  /** Length of the message value in bytes: an upper bound for what the target's size checks need to look at. */
  readonly bytes: number;
  /** Place in the round it came with. */
  readonly index: number;
}

export type Outcome =
  | { readonly kind: 'applied' }
  /** The target holds this version or a newer one, a delete included. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection };

export const applied: Outcome = { kind: 'applied' };
export const stale: Outcome = { kind: 'stale' };

function rejected(code: Rejection['code'], reason: string): Outcome {
  return { kind: 'rejected', rejection: { code, reason } };
}

/**
 * The outcome of a row that the mapping refused, or could not read: a writer to the topic who is none of the pipeline may
 * put any value into any column. What a server said is none of the row's and goes on.
 */
export function unmappable(error: unknown): Outcome {
  if (error instanceof UnmappableError) return rejected('UNMAPPABLE', error.message);
  if (error instanceof SyncError) throw error;
  return rejected('UNMAPPABLE', `a value does not have the form of its column: ${(error as Error).name}`);
}

export interface SweepOrder {
  readonly table: TableSettings;
  readonly schema: RowSchema;
  readonly floor: Version;
  /** `rowId`s of rows that stay whatever their version; asked for only when there is something to remove. */
  readonly spared: () => Promise<ReadonlySet<string>>;
}

/** Where changes are written: both targets keep the same promises (see test/conformance.ts). */
export interface TargetWriter {
  /**
   * Writes changes of distinct rows, each only over an older version (R4); outcomes stand in the order of the
   * changes. Throws a SyncError `retry` when the target cannot be written now: then any part of the changes may
   * have been written, and all of them are to be handed over again.
   */
  apply(changes: readonly RowChange[]): Promise<Outcome[]>;
  /** Equal for what the target takes for the same row of a table. Throws an UnmappableError for a key it cannot hold. */
  rowId(row: Pick<RowChange, 'table' | 'schema' | 'key' | 'keyText'>): string;
  /**
   * Removes the rows of a table whose version is below the floor, each by a delete of that version (R4, R6), in
   * batches of bounded size; yields how many each batch removed. Throws a SyncError `retry`; it may begin anew then.
   */
  sweep(order: SweepOrder): AsyncIterable<number>;
  /** Resolves when the target answers; rejects with one sentence. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
