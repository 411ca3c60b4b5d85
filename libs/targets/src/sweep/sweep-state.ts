import { isNewer, type Version } from '@tributary/contract';

/** What a target has seen of the newest load of one table; kept in the target itself (R12). */
export interface SweepState {
  /** Tells loads apart, and which of two is the newer. */
  readonly floor: Version;
  /** Partitions whose record of the load's beginning was seen: every row behind it reached this target. */
  readonly begun: readonly number[];
  /** Of these, the partitions whose record of its end was seen. */
  readonly ended: readonly number[];
  /** Rows below the floor have been removed. */
  readonly swept: boolean;
}

/** A load begins on a partition. A newer load takes the place of an older one, never the other way round. */
export function loadBegan(state: SweepState | undefined, floor: Version, partition: number): SweepState {
  if (state && isNewer(state.floor, floor)) return state;
  if (state?.floor !== floor) return { floor, begun: [partition], ended: [], swept: false };
  return { ...state, begun: added(state.begun, partition) };
}

/** A load ends on a partition; that counts only where its beginning was seen and nothing was missed since. */
export function loadEnded(
  state: SweepState | undefined,
  floor: Version,
  partition: number,
): SweepState | undefined {
  if (state?.floor !== floor || !state.begun.includes(partition)) return state;
  return { ...state, ended: added(state.ended, partition) };
}

/** Events of a partition never came (Kafka keeps them no longer): what was seen there proves nothing any more. */
export function partitionMissed(state: SweepState, partition: number): SweepState {
  return { ...state, begun: without(state.begun, partition), ended: without(state.ended, partition) };
}

export const sweepDone = (state: SweepState): SweepState => ({ ...state, swept: true });

/** Whether all rows of this load are in the target, so that what is older than its floor is gone from the source. */
export function isDue(state: SweepState | undefined, floor: Version, partitions: number): boolean {
  if (state?.floor !== floor || state.swept) return false;
  return Array.from({ length: partitions }, (_, partition) => partition).every((partition) =>
    state.ended.includes(partition),
  );
}

const added = (list: readonly number[], partition: number) =>
  list.includes(partition) ? list : [...list, partition];
const without = (list: readonly number[], partition: number) => list.filter((one) => one !== partition);
