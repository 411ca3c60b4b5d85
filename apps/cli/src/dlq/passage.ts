import { setTimeout as sleep } from 'node:timers/promises';
import { consumerGroups, TopicAdmin, type Kafka } from '@tributary/kafka';
import type { SyncConfig } from '@tributary/sync-config';
import type { TargetName } from '@tributary/verify';

const POLL_MS = 200;

/**
 * Waits until the validator and then the sinks have confirmed all that is on their topics now. False when what is left
 * has not become less for `patienceMs`.
 */
export async function whenPassed(
  kafka: Kafka,
  config: SyncConfig,
  targets: readonly TargetName[],
  patienceMs: number,
): Promise<boolean> {
  const admin = new TopicAdmin(kafka);
  const groups = consumerGroups(config);
  const drained = async (group: string, topic: string) => {
    const ends = await admin.watermarks(topic);
    const left = async () => {
      const offsets = await admin.groupOffsets(group, topic);
      let records = 0n;
      for (const [partition, { low, high }] of ends) {
        const at = offsets.get(partition) ?? low;
        if (at < high) records += high - (at > low ? at : low);
      }
      return records;
    };
    let least = await left();
    for (let fellAt = performance.now(); least > 0n; await sleep(POLL_MS)) {
      const now = await left();
      if (now < least) [least, fellAt] = [now, performance.now()];
      else if (performance.now() - fellAt > patienceMs) return false;
    }
    return true;
  };
  if (!(await drained(groups.validator, config.topics.changes))) return false;
  const done = await Promise.all(targets.map((target) => drained(groups[target], config.topics.validated)));
  return done.every(Boolean);
}
