import type { SyncConfig } from '@tributary/sync-config';
import { consumerGroups } from './consumer-groups';

/** A consumer group and the topic that it reads. */
export interface Stage {
  readonly group: string;
  readonly topic: string;
}

/** The stages behind the relay, the validator first. */
export function stagesOf(config: Pick<SyncConfig, 'topics' | 'prefix' | 'targets'>): readonly Stage[] {
  const { changes, validated } = config.topics;
  const { validator, sinks } = consumerGroups(config);
  return [{ group: validator, topic: changes }, ...sinks.map((group) => ({ group, topic: validated }))];
}
