// @ts-expect-error kafkajs has no types for its inside; `Group` below says what is used of it
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import type { PartitionAssigner } from 'kafkajs';

/** The members of kafkajs's consumer group that this mends. */
interface Group {
  readonly assigners: readonly object[];
  joinAndSync(): Promise<void>;
  leave(): Promise<void>;
}

/** By an assigner that belongs to one consumer alone. */
const farewells = new WeakMap<object, () => Promise<void>>();

/** An assigner whose consumer calls `farewell`, and waits for it, before it joins its group anew and before it leaves. */
export const withFarewell =
  (assigner: PartitionAssigner, farewell: () => Promise<void>): PartitionAssigner =>
  (config) => {
    const made = assigner(config);
    farewells.set(made, farewell);
    return made;
  };

/**
 * kafkajs 2.2.4 tells nobody before it gives its partitions up, when their last offsets could still be committed: the
 * member that gets them would do again what was done since the last commit.
 */
export function mendUnannouncedLeaving(): void {
  const { prototype } = ConsumerGroup as { prototype: Group };
  const { joinAndSync, leave } = prototype;
  const say = async ({ assigners }: Group) => {
    for (const assigner of assigners) await farewells.get(assigner)?.();
  };
  prototype.joinAndSync = async function join() {
    await say(this);
    return joinAndSync.call(this);
  };
  prototype.leave = async function depart() {
    await say(this);
    return leave.call(this);
  };
}
