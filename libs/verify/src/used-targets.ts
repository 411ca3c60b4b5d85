import type { SyncConfig } from '@tributary/sync-config';
import { targetNames, type TargetName } from './difference';

/** The targets that some table of the sync file goes to. */
export const usedTargets = (config: SyncConfig): TargetName[] =>
  targetNames.filter((target) => config.tablePatterns.some((table) => config.table(table)?.[target].enabled));
