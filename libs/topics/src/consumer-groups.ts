import { sinkApp, type SyncConfig, type TargetName } from '@tributary/sync-config';

/** Of the group that reads the loads of a stage: it stands beside the stage's own, which no rebalance of this one stops. */
export const loadsGroup = (group: string) => `${group}-loads`;

/** Consumer groups of the stages: `<prefix>.<app>`, as the services name theirs. */
export function consumerGroups({ prefix, targets }: Pick<SyncConfig, 'prefix' | 'targets'>) {
  const sink = (target: TargetName) => `${prefix}.${sinkApp(target)}`;
  return { validator: `${prefix}.validator`, sink, sinks: targets.map(({ name }) => sink(name)) };
}
