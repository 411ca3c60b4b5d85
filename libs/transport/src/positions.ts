/** Partitions by topic. */
export type AssignedPartitions = Map<string, number[]>;

/** Offsets to read from, by topic and partition. */
export type Positions = Map<string, Map<number, bigint>>;

/** A partition whose next events are gone from its topic. */
export interface LostPlace {
  readonly topic: string;
  readonly partition: number;
  /** `made-anew`: it is another topic of the same name; `gone`: the topic no longer holds the next records. */
  readonly why: 'made-anew' | 'gone';
  /** What the group has confirmed. */
  readonly position: bigint;
  /** Where it goes on. */
  readonly low: bigint;
}

/** A partition as it stands on its topic. */
export interface Place {
  /** Where reading goes on. */
  readonly next: bigint;
  /** The oldest offset that is still there, and the one after the last. */
  readonly low: bigint;
  readonly high: bigint;
  /** Whether the group has ever confirmed anything there. */
  readonly confirmed: boolean;
}

/** How the partitions of an assignment stand on their topics. */
export interface Standing {
  /** Ids of the topics; `null` where the broker tells none. */
  readonly ids: ReadonlyMap<string, string | null>;
  readonly lost: readonly LostPlace[];
  /** By `topic/partition`. */
  readonly places: ReadonlyMap<string, Place>;
}

/**
 * Asked at each new assignment, and when topics changed under it, from where the target must be fed (R12); partitions
 * left out stay where they are. Of what `standing` says is lost the stage must have seen to the consequences when this
 * resolves: the positions are confirmed anew after that.
 */
export type OnAssigned = (assignment: AssignedPartitions, standing: Standing) => Promise<Positions>;

/** Thrown by `OnAssigned`: nothing is wrong, but its work has not begun yet. It is asked again soon. */
export class AwaitsWork extends Error {}

/**
 * Called with the offsets that are about to be committed: resolves when the target has noted that it holds everything
 * before them. Throws a SyncError `retry` when it cannot now: then nothing is committed yet.
 */
export type BeforeCommit = (offsets: Positions) => Promise<void>;
