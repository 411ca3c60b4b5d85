import { consumerGroups, TopicAdmin, type Kafka } from '@tributary/kafka';
import type { SyncConfig } from '@tributary/sync-config';
import { unconfirmed, untilNoneLeft, type TargetName } from '@tributary/verify';

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
  const drained = async (group: string, topic: string) =>
    (await untilNoneLeft(await unconfirmed(admin, group, topic), { patienceMs })) === 0n;
  if (!(await drained(groups.validator, config.topics.changes))) return false;
  const done = await Promise.all(targets.map((target) => drained(groups[target], config.topics.validated)));
  return done.every(Boolean);
}
