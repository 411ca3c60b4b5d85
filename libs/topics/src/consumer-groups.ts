import type { SyncConfig } from '@tributary/sync-config';

/** Consumer groups of the stages: `<prefix>.<app>`, as the services name theirs. */
export const consumerGroups = ({ prefix }: Pick<SyncConfig, 'prefix'>) => ({
  validator: `${prefix}.validator`,
  mongo: `${prefix}.mongo-sink`,
  redis: `${prefix}.redis-sink`,
});
