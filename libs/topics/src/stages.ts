import type { SyncConfig } from '@tributary/sync-config';
import { consumerGroups, loadsGroup } from './consumer-groups';

/** A consumer group and the topic that it reads. */
export interface Stage {
  readonly group: string;
  readonly topic: string;
}

/** The stages behind the relay, the validator first; of live changes alone. */
export function stagesOf(config: Pick<SyncConfig, 'topics' | 'prefix' | 'targets'>): readonly Stage[] {
  const { changes, validated } = config.topics;
  const { validator, sinks } = consumerGroups(config);
  return [{ group: validator, topic: changes }, ...sinks.map((group) => ({ group, topic: validated }))];
}

/** The same of the bulk records of loads, in the same order. */
export function loadStagesOf(config: Pick<SyncConfig, 'topics' | 'prefix' | 'targets'>): readonly Stage[] {
  const { changes, loads, validatedLoads } = config.topics;
  return stagesOf(config).map(({ group, topic }) => ({
    group: loadsGroup(group),
    topic: topic === changes ? loads : validatedLoads,
  }));
}
