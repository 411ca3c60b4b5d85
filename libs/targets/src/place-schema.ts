/**
 * A place's schema beside the columns of the tables that go there: current; wider: takes rows of earlier columns too;
 * outdated: would refuse rows of now, or does something else with them; missing: none stands there yet; foreign: somebody
 * else's; left over: ours, although no table wants one any more; off: none, and none is wanted.
 */
export type SchemaState = 'off' | 'current' | 'wider' | 'outdated' | 'missing' | 'foreign' | 'left over';

/** The schema of a place, for all tables of the sync file that go there. */
export interface PlaceSchema {
  readonly place: string;
  readonly tables: readonly string[];
  state(): Promise<SchemaState>;
  /** Makes it that of the columns of now, or takes ours away where no table wants one. */
  install(): Promise<void>;
  /** What to do about a state that is not as the sync file says. */
  remedy(state: SchemaState): string | undefined;
  /** Why nothing was done about a state although something was wanted. */
  untouched(state: SchemaState): string | undefined;
}
