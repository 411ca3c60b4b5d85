import type { SyncConfig } from '@tributary/sync-config';
import { targetNames, type TargetName } from '@tributary/verify';

/** Consumer groups of the stages: `<prefix>.<app>`, as the services name theirs. */
export const consumerGroups = ({ prefix }: Pick<SyncConfig, 'prefix'>) => ({
  validator: `${prefix}.validator`,
  mongo: `${prefix}.mongo-sink`,
  redis: `${prefix}.redis-sink`,
});

/** The targets that some table of the sync file goes to. */
export const usedTargets = (config: SyncConfig): TargetName[] =>
  targetNames.filter((target) => config.tablePatterns.some((table) => config.table(table)![target].enabled));
