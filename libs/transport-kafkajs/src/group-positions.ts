import type { AssignedPartitions, Log, LostPlace, OnAssigned, Standing } from '@tributary/transport';
import type { Consumer } from 'kafkajs';
import type { ConfirmedOffsets } from './confirmed-offsets';
import type { LiveState } from './live-state';
import type { PlaceCheck } from './place-check';
import { rewindToTarget, type ReadFrom } from './rewind-to-target';

export interface GroupPositionsOptions {
  readonly kafka: { readonly brokers: string };
  readonly groupId: string;
  readonly log: Log;
  readonly state: LiveState;
  readonly places: PlaceCheck;
  readonly offsets: Pick<ConfirmedOffsets, 'forget'>;
  readonly onAssigned?: OnAssigned;
  /** The client's consumer of this moment, if `topic/partition` is assigned to it. */
  readonly consumerOf: (partition: string) => Consumer | undefined;
}

/** Where a member of a group reads on, and what it says of what its topics have lost. */
export class GroupPositions {
  constructor(private readonly options: GroupPositionsOptions) {}

  /** Reads on at a place; no effect on others' partitions. */
  async move({ topic, partition, offset: next, topicId }: ReadFrom): Promise<void> {
    const { consumerOf, offsets, state } = this.options;
    const key = `${topic}/${partition}`;
    const consumer = consumerOf(key);
    if (!consumer) return;
    const offset = String(next);
    offsets.forget(topic, partition);
    consumer.seek({ topic, partition, offset });
    // Committed too, or a crash before the next batch would skip what the target lacks.
    await consumer.commitOffsets([{ topic, partition, offset, metadata: topicId }]);
    state.next.set(key, next);
  }

  /**
   * R12: goes back to where the target stands, if it lost what it had, and to the beginning of a topic made anew. Tries
   * until it has an answer, `undefined` when the signal aborts first. `anew`: topics changed under the assignment. Throws a
   * fatal SyncError.
   */
  async settle(
    partitions: AssignedPartitions,
    anew: boolean,
    signal: AbortSignal,
  ): Promise<Standing | undefined> {
    const { kafka, places, groupId, log, state, onAssigned } = this.options;
    const told = new Set<string>();
    const options = {
      ...{ kafka, places, everywhere: anew },
      onAssigned: async (assignment: AssignedPartitions, found: Standing) => {
        for (const lost of found.lost) this.#tell(lost, told);
        return (await onAssigned?.(assignment, found)) ?? new Map<string, Map<number, bigint>>();
      },
      move: (place: ReadFrom) => this.move(place),
      onTrouble: ({ code, message }: { code: string; message: string }) => {
        if (state.down === null) log.warn({ code, groupId }, `Reading waits for its positions: ${message}`);
        state.down = message;
        state.awaits = null;
      },
      onAwaited: (what: string) => {
        if (signal.aborted) return;
        if (state.awaits === null) log.info({ groupId }, what);
        state.down = null;
        state.awaits = what;
      },
    };
    const standing = await rewindToTarget(options, partitions, signal);
    if (standing && !signal.aborted) this.#begin(standing);
    return standing;
  }

  #begin({ places }: Standing): void {
    const { next: known } = this.options.state;
    for (const [key, { next }] of places) {
      const now = known.get(key);
      if (now === undefined || now < next) known.set(key, next);
    }
  }

  /** Once for each partition. */
  #tell({ topic, partition, why, position, low }: LostPlace, told: Set<string>): void {
    if (told.has(`${topic}/${partition}`)) return;
    told.add(`${topic}/${partition}`);
    const { log, groupId } = this.options;
    const event = why === 'gone' ? 'events-lost' : 'topic-lost';
    const fields = { event, topic, partition, groupId, position: String(position), offset: String(low) };
    log.error(
      fields,
      why === 'made-anew'
        ? `Topic ${topic} was deleted and made anew, or cut: partition ${partition} is read from offset ${low} on; what was not read of it is gone`
        : `Events of ${topic}/${partition} were lost: Kafka has removed offsets that this group had not read yet; reading goes on at the oldest one, ${low}`,
    );
  }
}
