import type { SyncConfig } from '@tributary/sync-config';
import type { CaptureState, CaptureStatus } from './status';

/** What a state of capture means for changes that are made under it, and for its end. */
interface StateEffect {
  /** To install capture again ends it. */
  readonly mendable: boolean;
  /** Changes, or columns of them, may have been missed: a load brings them once it has ended. */
  readonly missed: boolean;
  /** What was logged under the table's name may be another table's. */
  readonly swapped: boolean;
}

const effect = (...has: readonly (keyof StateEffect)[]): StateEffect => ({
  mendable: has.includes('mendable'),
  missed: has.includes('missed'),
  swapped: has.includes('swapped'),
});

/**
 * Triggers of another text count as missed changes, whoever wrote it: a `where` of before has left rows out, and what an
 * altered trigger left out nobody can tell. A load too many costs time, a load too few costs rows (R11).
 */
export const stateEffects: Readonly<Record<CaptureState, StateEffect>> = {
  ok: effect(),
  missing: effect('mendable', 'missed', 'swapped'),
  stale: effect('mendable', 'missed'),
  duplicate: effect('mendable'),
  definer: effect('mendable'),
  changed: effect('mendable', 'missed'),
  suspended: effect(),
  orphan: effect(),
  moved: effect('mendable', 'missed', 'swapped'),
  copied: effect(),
  overtaken: effect('mendable'),
};

/** The table whose repair ends the state. */
export const repairTarget = ({ table, home }: Pick<CaptureStatus, 'table' | 'home'>): string => home ?? table;

/** A table that was renamed keeps its triggers until there is another one of its old name: it may come back. */
export const isMendable = ({ state, home }: Pick<CaptureStatus, 'state' | 'home'>): boolean =>
  stateEffects[state].mendable && (state !== 'moved' || home !== undefined);

/**
 * The captured tables of which changes may have been missed. A parent of a cascade need not be captured itself: what its
 * triggers missed is its children's.
 */
export function missedTables(
  status: Pick<CaptureStatus, 'table' | 'state' | 'home' | 'children'>,
  config: Pick<SyncConfig, 'table'>,
): string[] {
  const home = repairTarget(status);
  const itself = isMendable(status) && stateEffects[status.state].missed && config.table(home) !== undefined;
  return [...new Set([...(itself ? [home] : []), ...(status.children ?? [])])];
}
