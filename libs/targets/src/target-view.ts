import type { RowSchema, Version, WireRow } from '@tributary/contract';
import type { TableSettings, TargetName } from '@tributary/sync-config';

/**
 * missing: a source row is not in the target; extra: the target has a row that the source lacks; different: a
 * column differs; stale: a column differs, and the target's version is older than one that is known of the row;
 * index: the row's entry in the Redis index set is absent, or stands for no row.
 */
export const differenceKinds = ['missing', 'extra', 'different', 'stale', 'index'] as const;
type DifferenceKind = (typeof differenceKinds)[number];

/** One column with both values as people read them; `undefined`: that side has no such field. */
export interface ColumnDifference {
  readonly column: string;
  readonly source: string | undefined;
  readonly target: string | undefined;
}

/** What is wrong with one row in one target. */
export interface Finding {
  readonly kind: DifferenceKind;
  readonly columns: readonly ColumnDifference[];
  /** The version that the target holds, where it holds the row. */
  readonly version?: Version;
  /** One sentence where the kind does not say all. */
  readonly note?: string;
}

/** A table as a view needs it. */
export interface ViewedTable {
  readonly settings: TableSettings;
  readonly schema: RowSchema;
}

/** A row as the source has it. */
export interface ViewedRow {
  /** JSON text of the key columns; equal texts are equal keys. */
  readonly keyJson: string;
  /** The key columns alone. */
  readonly key: WireRow;
  readonly row: WireRow;
}

/** A row under comparison: what the source says of a key; `row` is null when the source has no such row. */
export interface Expectation {
  readonly key: WireRow;
  readonly row: WireRow | null;
}

/** Something that a target holds for a table. */
export interface TargetEntry {
  readonly id: string;
  /** Equal for two ids that the target takes for the same. */
  readonly identity: string;
  /** The wire keys that it may stand for, as a rule one; none: no row of the table could be there. */
  readonly keys: readonly WireRow[];
  /** What it is when it stands for no row; by default `extra`. */
  readonly orphan?: DifferenceKind;
}

/** An entry as it is listed: its name, and the rest for those that need a closer look. */
export interface ListedEntry {
  readonly name: string;
  readonly entry: () => TargetEntry;
}

/** Names under which a target holds rows: the collection's ids, the Redis keys, the members of the index set. */
export interface EntryList {
  /** The name of a row that the source has; `undefined` when the target cannot hold it, or when names repeat. */
  nameOf(row: WireRow): string | undefined;
  /** All of them, in batches. */
  entries(): AsyncIterable<readonly ListedEntry[]>;
  /** Those of them that no list before this one shows too. */
  unseen(entries: readonly TargetEntry[]): Promise<readonly TargetEntry[]>;
  /** Whether every row has exactly one name, so that digests of both sides can be compared. */
  readonly named: boolean;
}

/** One target's side of one table. */
export interface TargetView {
  readonly target: TargetName;
  /** The name of a row in the target, and what makes it the same as another. */
  entryOf(key: WireRow): TargetEntry;
  /** The rows that are not proven equal, byte for byte, at the first look. */
  candidates(rows: readonly ViewedRow[]): Promise<ViewedRow[]>;
  /** Compares the expectations with what the target holds now, each for itself. */
  inspect(expected: readonly Expectation[]): Promise<(Finding | undefined)[]>;
  /** The versions that the target holds of these keys. */
  versions(keys: readonly WireRow[]): Promise<(Version | undefined)[]>;
  readonly lists: readonly EntryList[];
  /** The entry of one of the lists that a scan has found (`ScanEntry.ref`), where the target can be scanned. */
  scanned?(list: number, ref: string): TargetEntry;
  /** About `count` entries by chance. */
  sample(count: number): Promise<readonly TargetEntry[]>;
}

/** The longest value text that is kept of a difference: bounds memory and the report (R13). */
const KEPT = 2_000;

/** Both texts of a differing value, cut so that what differs can be seen. */
export function shownPair(source: string | undefined, target: string | undefined) {
  const from = Math.max(0, firstDifference(source ?? '', target ?? '') - KEPT / 2);
  return { source: shown(source, from), target: shown(target, from) };
}

function shown(text: string | undefined, from: number): string | undefined {
  if (text === undefined || text.length <= KEPT) return text;
  const part = `${from > 0 ? '…' : ''}${text.slice(from, from + KEPT)}${from + KEPT < text.length ? '…' : ''}`;
  return `${part} (characters ${from + 1} to ${Math.min(from + KEPT, text.length)} of ${text.length})`;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}
