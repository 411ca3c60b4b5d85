/** Why a stage leaves a table out. */
export interface TableTrouble {
  /** Upper case, stable; docs/operations.md lists all. */
  readonly code: string;
  /** One sentence: what is wrong. */
  readonly reason: string;
  /** One sentence: what to do. */
  readonly remedy: string;
}

export interface SuspendedTable extends TableTrouble {
  /** `database.table`, or an entry of the sync file. */
  readonly table: string;
  readonly state: 'suspended';
  /** ISO time. */
  readonly since: string;
}
