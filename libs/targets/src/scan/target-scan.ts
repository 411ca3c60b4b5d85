import type { ViewedRow, ViewedTable } from '../target-view';

/**
 * Something that a target holds for a table, or must hold for a row of it. What stands on one side only, or with two
 * digests, is to be looked at exactly; equal digests are what an exact comparison calls equal.
 */
export interface ScanEntry {
  /** In which of the lists of the target's view it stands. */
  readonly list: number;
  /** Equal on both sides for the same thing, whatever its content. */
  readonly name: string;
  /** SHA-256 of name and content, types included, but for the version and what else the sink writes beside the columns. */
  readonly digest: Buffer;
  /** By which `TargetView.scanned` finds it again; only of what the target holds. */
  readonly ref: () => string;
}

/** What the target must hold of a row. */
export type ExpectedEntry = Omit<ScanEntry, 'ref'>;

export type EntryName = Pick<ScanEntry, 'list' | 'name'>;

/** A row by its key. */
type KeyedRow = Pick<ViewedRow, 'keyJson' | 'key'>;

/** How a target takes part in a comparison by tasks on many machines, without a connection to it. */
export interface ScanRules {
  /** Compiled for a table: the entries that a row must have. Those of a row that the target cannot hold have digests that nothing has. */
  expected(table: ViewedTable): (row: ViewedRow) => readonly ExpectedEntry[];
  /** Compiled for a table: the names of these entries, each once, by the key alone. */
  names(table: ViewedTable): (row: KeyedRow) => readonly EntryName[];
  /**
   * Independent parts that together hold all that the target has for the table: each a text for `TargetScan`. `bounds` are
   * keys of the table in its order, between which about as many rows stand.
   */
  parts(table: ViewedTable, bounds: readonly ViewedRow['key'][]): readonly string[];
}

/** Reads a table's entries in a target. */
export interface TargetScan {
  /** The entries of one part, in batches; some may come twice. With `wanted`, those of few names, of which alone the content is read. */
  entries(part: string, wanted?: (name: string) => boolean): AsyncIterable<readonly ScanEntry[]>;
}
