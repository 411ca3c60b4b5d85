import type { RowSchema, WireRow } from '@tributary/contract';
import type { TableSettings } from '@tributary/sync-config';

/** A row as its key names it. */
export interface RowRef {
  readonly schema: RowSchema;
  readonly table: TableSettings;
  /** Key columns by wire name. */
  readonly key: WireRow;
  /** `rowKeyText` of the key. */
  readonly keyText: string;
}

/** Tells up to which version a target knows rows. */
export interface VersionReader {
  /**
   * For each row the version of its data or of its tombstone, whichever is higher; `undefined` where the target has
   * neither, or takes no row of that schema. Throws a SyncError `retry` when the target cannot be asked, an UnmappableError for a key it cannot hold.
   */
  versions(rows: readonly RowRef[]): Promise<(bigint | undefined)[]>;
}

export const higher = (a: bigint | undefined, b: bigint | undefined) =>
  a === undefined || (b !== undefined && b > a) ? b : a;
