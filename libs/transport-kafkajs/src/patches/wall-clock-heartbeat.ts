// @ts-expect-error kafkajs has no types for its inside; `Group` below says what is used of it
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';

/** The members of kafkajs's consumer group that this mends. */
interface Group {
  /** Milliseconds since 1970, when the group's coordinator was last asked. */
  lastRequest: number;
  heartbeat(options: { interval: number }): Promise<void>;
}

/**
 * kafkajs 2.2.4 measures the time since its last heartbeat on the wall clock: after that clock was set back by an hour it
 * sends none for an hour, the group removes the member, and its partitions are read by nobody, or by two. A last
 * request that lies in the future tells it.
 */
export function mendWallClockHeartbeat(): void {
  const { prototype } = ConsumerGroup as { prototype: Group };
  const { heartbeat } = prototype;
  prototype.heartbeat = function beat(options) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return heartbeat.call(this, options);
  };
}
