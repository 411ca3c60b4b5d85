/**
 * For each table, when the oldest of its changes that wait was made, UTC milliseconds. `undefined` stands for changes of
 * which the table is not known: their key names none, or they were not fetched yet.
 */
export type OldestChanges = ReadonlyMap<string | undefined, number>;

/** What health checks and metrics read of a member of a consumer group. */
export interface ConsumerState {
  /** The group has taken us in and partitions are assigned (perhaps none, when others have them all). */
  readonly joined: boolean;
  /** What has to come before there is work for the partitions that are assigned, one sentence; no trouble. */
  readonly awaits: string | null;
  /** One sentence when work does not go on, else null. */
  readonly trouble: string | null;
  /** On the clock of `performance.now`, which no step of the time disturbs: when a batch was last confirmed, or there was last nothing to do. */
  readonly lastProgressAt: number;
  /** Records not yet confirmed by partition, as of the last fetch; keys are `topic/partition`. */
  readonly lag: Map<string, bigint>;
  /** Of the changes that are not confirmed yet, as far as they are known. */
  oldest(): OldestChanges;
}
