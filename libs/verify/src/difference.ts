import type { WireRow } from '@tributary/change-event';

export const targetNames = ['mongo', 'redis'] as const;
export type TargetName = (typeof targetNames)[number];

/**
 * missing: a source row is not in the target; extra: the target has a row that the source lacks; different: a
 * column differs; index: the row's entry in the Redis index set is absent, or stands for no row.
 */
export const differenceKinds = ['missing', 'extra', 'different', 'index'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

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
  /** One sentence where the kind does not say all. */
  readonly note?: string;
}

export interface Difference extends Finding {
  readonly table: string;
  readonly target: TargetName;
  /** The wire key; `null` for something in the target whose key no row of the table can have. */
  readonly key: WireRow | null;
  /** Its name in the target: the `_id` as extended JSON, or the Redis key. */
  readonly id: string;
  readonly inSource: boolean;
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
  readonly stray?: DifferenceKind;
}

/** One target's side of one table. */
export interface TargetView {
  readonly target: TargetName;
  /** The name of a row in the target, and what makes it the same as another. */
  entryOf(key: WireRow): TargetEntry;
  /** Compares the expectations with what the target holds now, each for itself. */
  inspect(expected: readonly Expectation[]): Promise<(Finding | undefined)[]>;
  /** Everything that the target holds for the table, in batches. */
  entries(): AsyncIterable<readonly TargetEntry[]>;
}

/** The longest value text that a report shows. */
const SHOWN = 200;

/** A value's text cut to a length for people. */
export function shown(text: string | undefined): string | undefined {
  return text !== undefined && text.length > SHOWN
    ? `${text.slice(0, SHOWN)}… (${text.length} characters)`
    : text;
}
