import { setTimeout as sleep } from 'node:timers/promises';
// @ts-expect-error kafkajs has no types for its inside; `Group` below says what is used of it
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';

/** The members of kafkajs's consumer group that this mends. */
interface Group {
  readonly maxWaitTime: number;
  recoverFromOffsetOutOfRange(error: { topic: string; partition: number }): Promise<void>;
}

/**
 * kafkajs 2.2.4 goes back to the topic's beginning by itself when its position is beyond the end or before the oldest
 * record, and tells nobody: events are missing, and lag is 0. It stays where it is now; `PlaceCheck` finds why, the stage
 * is told, and then the position is set.
 */
export function mendSilentPositionReset(): void {
  const { prototype } = ConsumerGroup as { prototype: Group };
  prototype.recoverFromOffsetOutOfRange = async function stay() {
    await sleep(this.maxWaitTime);
  };
}
