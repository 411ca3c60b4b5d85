import { isNewer, type LoadControl, type Version } from '@tributary/contract';

/** Which of the two data topics: `loads` is the one of bulk records. A load stands on one of them, whole. */
export type Feed = 'live' | 'loads';

/** A partition of one of them: both have partitions of the same numbers. */
export interface FedBy {
  readonly feed: Feed;
  readonly partition: number;
}

/** What a target has seen of the newest load of one table; kept in the target itself (R12). */
export interface SweepState {
  /** Tells loads apart, and which of two is the newer. */
  readonly floor: Version;
  /** Where the load stands; absent: `live`. */
  readonly feed?: 'loads';
  /** Partitions whose record of the load's beginning was seen: every row behind it reached this target. */
  readonly begun: readonly number[];
  /** Of these, the partitions whose record of its end was seen. */
  readonly ended: readonly number[];
  /** Rows below the floor have been removed. */
  readonly swept: boolean;
  /** Floor of the newest load that was complete, noted before rows below it are removed; absent: none was. */
  readonly complete?: Version;
}

/** A load begins on a partition. A newer load takes the place of an older one, never the other way round. */
export function loadBegan(state: SweepState | undefined, floor: Version, at: FedBy): SweepState {
  const { feed, partition } = at;
  if (state && isNewer(state.floor, floor)) return state;
  if (state?.floor !== floor)
    return {
      ...{ floor, begun: [partition], ended: [], swept: false },
      ...(feed === 'loads' && ({ feed } as const)),
      ...(state?.complete && { complete: state.complete }),
    };
  if (!isOn(state, at)) return state;
  return { ...state, begun: added(state.begun, partition) };
}

/**
 * A load ends on a partition; that counts only where its beginning was seen and nothing was missed since. A record that
 * comes by the other topic, as a dead letter that is replayed does, says nothing of what stood before it there.
 */
export function loadEnded(
  state: SweepState | undefined,
  { floor, partitions }: Pick<LoadControl, 'floor' | 'partitions'>,
  at: FedBy,
): SweepState | undefined {
  const { partition } = at;
  if (state?.floor !== floor || !isOn(state, at) || !state.begun.includes(partition)) return state;
  const ended = added(state.ended, partition);
  return { ...state, ended, ...(isWhole(ended, partitions) && { complete: floor }) };
}

/** Events of a partition never came (Kafka keeps them no longer): what was seen there proves nothing any more. */
export function partitionMissed(state: SweepState, at: FedBy): SweepState {
  const { partition } = at;
  if (!isOn(state, at)) return state;
  return { ...state, begun: without(state.begun, partition), ended: without(state.ended, partition) };
}

export const sweepDone = (state: SweepState): SweepState => ({ ...state, swept: true });

/** Whether all rows of this load are in the target, so that what is older than its floor is gone from the source. */
export function isDue(state: SweepState | undefined, floor: Version, partitions: number): boolean {
  return state?.floor === floor && !state.swept && isWhole(state.ended, partitions);
}

/** Whether the load stands on the topic of a partition. */
export const isOn = (state: SweepState, at: FedBy): boolean => (state.feed ?? 'live') === at.feed;

const isWhole = (ended: readonly number[], partitions: number) =>
  Array.from({ length: partitions }, (_, partition) => partition).every((partition) =>
    ended.includes(partition),
  );
const added = (list: readonly number[], partition: number) =>
  list.includes(partition) ? list : [...list, partition];
const without = (list: readonly number[], partition: number) => list.filter((one) => one !== partition);
