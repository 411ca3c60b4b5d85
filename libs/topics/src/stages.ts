import type { SyncConfig } from '@tributary/sync-config';
import { consumerGroups } from './consumer-groups';

/** A consumer group and the topic that it reads. */
export interface Stage {
  readonly group: string;
  readonly topic: string;
}

/** The stages behind the relay, the validator first. */
export function stagesOf({ topics, prefix }: Pick<SyncConfig, 'topics' | 'prefix'>): readonly Stage[] {
  const groups = consumerGroups({ prefix });
  return [
    { group: groups.validator, topic: topics.changes },
    { group: groups.mongo, topic: topics.validated },
    { group: groups.redis, topic: topics.validated },
  ];
}
