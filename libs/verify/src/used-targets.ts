import { targetSettings, type SyncConfig, type TargetName } from '@tributary/sync-config';

/** The targets that some table of the sync file goes to. */
export const usedTargets = (config: Pick<SyncConfig, 'targets' | 'tablePatterns' | 'table'>): TargetName[] =>
  config.targets
    .map(({ name }) => name)
    .filter((target) =>
      config.tablePatterns.some((pattern) => {
        const settings = config.table(pattern);
        return settings && targetSettings(settings, target).enabled;
      }),
    );
