import { sinkApp, type SyncConfig, type TargetName } from '@tributary/sync-config';

/** Consumer groups of the stages: `<prefix>.<app>`, as the services name theirs. */
export function consumerGroups({ prefix, targets }: Pick<SyncConfig, 'prefix' | 'targets'>) {
  const sink = (target: TargetName) => `${prefix}.${sinkApp(target)}`;
  return { validator: `${prefix}.validator`, sink, sinks: targets.map(({ name }) => sink(name)) };
}
