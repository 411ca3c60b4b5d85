import { setTimeout as sleep } from 'node:timers/promises';
import { slowWait } from '@tributary/kernel';
import { lagOf, type TopicAdmin } from '@tributary/transport';

const POLL_MS = 100;

interface Patience {
  /** How long there may be no progress at all before the wait ends, milliseconds. */
  readonly patienceMs: number;
  /** Told how much is still to do. */
  onWaiting?(left: bigint): void;
  readonly signal?: AbortSignal;
}

export interface StagePatience extends Patience {
  /** Told, again and again once that has taken some seconds, which stage is waited for. */
  onStage?(sentence: string): void;
}

/** Waits until nothing of this stage is left; answers one sentence when it stands still, else `undefined`. */
export async function stageWait(
  who: string,
  left: () => Promise<bigint>,
  options: StagePatience,
): Promise<string | undefined> {
  let most = 0n;
  const waiting = untilNoneLeft(left, { ...options, onWaiting: (count) => (most = count) });
  const rest = await slowWait(waiting, (seconds) =>
    options.onStage?.(`waiting for ${seconds} s for ${who}, which has ${most} changes to do`),
  );
  return rest === 0n ? undefined : `${who} stands still with ${rest} changes to do`;
}

/** Counts, at each call, what a consumer group has still to confirm of the records that are on a topic now. */
export async function unconfirmed(
  admin: Pick<TopicAdmin, 'watermarks' | 'groupOffsets'>,
  group: string,
  topic: string,
): Promise<() => Promise<bigint>> {
  const ends = await admin.watermarks(topic);
  return async () => {
    const offsets = await admin.groupOffsets(group, topic);
    let left = 0n;
    for (const [partition, marks] of ends) left += lagOf(marks, offsets.get(partition));
    return left;
  };
}

/** Waits until nothing is left and gives 0, or what is left when that number has not fallen for the time of patience. */
async function untilNoneLeft(left: () => Promise<bigint>, options: Patience): Promise<bigint> {
  let least = await left();
  let fellAt = performance.now();
  for (let pause = POLL_MS / 5; least > 0n; pause = Math.min(pause * 2, POLL_MS * 5)) {
    options.onWaiting?.(least);
    if (performance.now() - fellAt > options.patienceMs) return least;
    await sleep(pause, undefined, { signal: options.signal });
    const now = await left();
    if (now < least) [least, fellAt] = [now, performance.now()];
  }
  return 0n;
}
