/** A fault that no single value of the sync file shows, and where it stands. */
export interface Contradiction {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
