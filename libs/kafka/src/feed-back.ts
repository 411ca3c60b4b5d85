import type { SyncError } from '@tributary/change-event';
import { kafkaError } from './kafka-error';
import type { Kafka } from './kafka';
import { backoffMs, pause } from './pause';
import { TopicAdmin } from './topic-admin';

/** Partitions by topic. */
export type AssignedPartitions = Map<string, number[]>;
/** Offsets to read from, by topic and partition. */
export type Positions = Map<string, Map<number, bigint>>;
/** Asked at each new assignment from where the target must be fed (R12); partitions left out stay where they are. */
export type OnAssigned = (assignment: AssignedPartitions) => Promise<Positions>;

export interface FeedBackOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly onAssigned: OnAssigned;
  readonly rewind: (topic: string, partition: number, offset: bigint) => Promise<void>;
  readonly onTrouble: (error: SyncError) => void;
}

/**
 * Asks where the target stands and goes back where it holds less than the group has committed, never forward.
 * Tries until it has an answer; answers false when the signal aborts first. Throws a fatal SyncError only.
 */
export async function feedBack(
  { kafka, groupId, onAssigned, rewind, onTrouble }: FeedBackOptions,
  assignment: AssignedPartitions,
  signal: AbortSignal,
): Promise<boolean> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      const wanted = await onAssigned(assignment);
      for (const [topic, partitions] of wanted) {
        if (partitions.size === 0) continue;
        const committed = await new TopicAdmin(kafka).groupOffsets(groupId, topic);
        const assigned = new Set(assignment.get(topic));
        for (const [partition, offset] of partitions) {
          if (signal.aborted) return false;
          const done = committed.get(partition);
          if (assigned.has(partition) && done !== undefined && offset < done)
            await rewind(topic, partition, offset);
        }
      }
      return true;
    } catch (error) {
      const problem = kafkaError(error, kafka.brokers);
      if (problem.kind === 'fatal') throw problem;
      onTrouble(problem);
      await pause(backoffMs(attempt, 1000, 30_000), signal);
    }
  }
  return false;
}
