import type { SyncConfig, TargetName } from '@tributary/sync-config';
import { consumerGroups } from '@tributary/topics';
import type { Transport } from '@tributary/transport';
import { stageWait, unconfirmed, type StagePatience } from '@tributary/verify';

/**
 * Waits until the validator and then the sinks have confirmed all that is on their topics now. Answers one sentence when
 * one of them stands still, else `undefined`.
 */
export async function waitForDrain(
  kafka: Transport,
  config: SyncConfig,
  targets: readonly TargetName[],
  patience: StagePatience,
): Promise<string | undefined> {
  const admin = kafka.admin();
  const groups = consumerGroups(config);
  const done = async (group: string, topic: string) =>
    stageWait(group, await unconfirmed(admin, group, topic), patience);
  const validator = await done(groups.validator, config.topics.changes);
  if (validator !== undefined) return validator;
  const sinks = await Promise.all(
    targets.map((target) => done(groups.sink(target), config.topics.validated)),
  );
  return sinks.find((why) => why !== undefined);
}
