import { setTimeout as sleep } from 'node:timers/promises';
// @ts-expect-error kafkajs has no types for its inside; `Group` below says what is used of it
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { hasType } from '../kafka-error';

/** The members of kafkajs's consumer group that this mends. */
interface Group {
  joinAndSync(): Promise<void>;
}

const PAUSE_MS = 100;
/** About 10 s: a coordinator that takes longer is an outage, and reported as one. */
const ATTEMPTS = 100;

/**
 * kafkajs 2.2.4 crashes when it asks to join while the coordinator still loads its groups, which every coordinator does
 * when it begins: after a broker's start, and at the very first join on a cluster, which makes the topic of the groups.
 * It asks again now.
 */
export function mendLoadingCoordinator(): void {
  const { prototype } = ConsumerGroup as { prototype: Group };
  const { joinAndSync } = prototype;
  prototype.joinAndSync = async function join() {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await joinAndSync.call(this);
      } catch (error) {
        const passes = hasType(error, 'GROUP_LOAD_IN_PROGRESS');
        if (!passes || attempt === ATTEMPTS) throw error;
        await sleep(PAUSE_MS);
      }
  };
}
