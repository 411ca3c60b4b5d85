import type { WireRow } from '@tributary/contract';

/** What a scan of all rows has found in one target: candidates, of which an exact look says what is true. */
export interface ScannedSide {
  /** Rows of the source that were compared. */
  readonly rows: number;
  /** How long the scan took. */
  readonly seconds: number;
  /** Keys of rows that the target does not hold as the source has them; each once. */
  readonly keys: readonly WireRow[];
  /** What the target holds and no row accounts for, by the lists of its view: what `TargetView.scanned` takes. */
  readonly strangers: readonly (readonly string[])[];
  /** Candidates that are too many to be looked at. */
  readonly unchecked: { readonly keys: number; readonly strangers: number };
}
