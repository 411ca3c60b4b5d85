import type { SyncConfig } from '@tributary/sync-config';
import { stageGroups } from '@tributary/verify';

/** Consumer groups of the stages, as the services name theirs. */
export const consumerGroups = ({ prefix }: Pick<SyncConfig, 'prefix'>) => stageGroups(prefix);
