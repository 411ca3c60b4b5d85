import { backoffMs, pause, type SyncError } from '@tributary/kernel';
import { AwaitsWork, type AssignedPartitions, type OnAssigned, type Standing } from '@tributary/transport';
import { kafkaError } from './kafka-error';
import type { PlaceCheck } from './place-check';

const AWAITED_MS = 300;

/** A place to read on at. */
export interface ReadFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Of the topic that the offset is one of; `null` where the broker tells none. */
  readonly topicId: string | null;
}

export interface RewindOptions {
  readonly kafka: { readonly brokers: string };
  readonly places: Pick<PlaceCheck, 'examine'>;
  readonly onAssigned?: OnAssigned;
  /** Sets the position, also that of a partition that lost none: the client may stand at another one. */
  readonly everywhere: boolean;
  readonly move: (place: ReadFrom) => Promise<void>;
  readonly onTrouble: (error: SyncError) => void;
  /** Told, in one sentence, what the stage waits for before it has work. */
  readonly onAwaited: (what: string) => void;
}

/**
 * Asks where the topics and the target stand and goes back where the target holds less than the group has committed, or
 * the topic is another one; never forward but over what the topic has lost. Tries until it has an answer; answers
 * `undefined` when the signal aborts first. Throws a fatal SyncError only.
 */
export async function rewindToTarget(
  { kafka, places, onAssigned, everywhere, move, onTrouble, onAwaited }: RewindOptions,
  assignment: AssignedPartitions,
  signal: AbortSignal,
): Promise<Standing | undefined> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      const standing = await places.examine(assignment);
      if (signal.aborted) return undefined;
      const wanted = (await onAssigned?.(assignment, standing)) ?? new Map<string, Map<number, bigint>>();
      const lost = new Set(standing.lost.map(({ topic, partition }) => `${topic}/${partition}`));
      for (const [topic, partitions] of assignment)
        for (const partition of partitions) {
          if (signal.aborted) return undefined;
          const key = `${topic}/${partition}`;
          const { next, confirmed } = standing.places.get(key)!;
          const back = wanted.get(topic)?.get(partition);
          const goesBack = back !== undefined && (!confirmed || back < next);
          if (goesBack || lost.has(key) || everywhere) {
            const offset = goesBack ? back : next;
            await move({ topic, partition, offset, topicId: standing.ids.get(topic) ?? null });
          }
        }
      return standing;
    } catch (error) {
      if (error instanceof AwaitsWork) {
        onAwaited(error.message);
        attempt = 0;
        await pause(AWAITED_MS, signal);
        continue;
      }
      const problem = kafkaError(error, kafka.brokers);
      if (problem.kind === 'fatal') throw problem;
      onTrouble(problem);
      await pause(backoffMs(attempt, 1000, 30_000), signal);
    }
  }
  return undefined;
}
