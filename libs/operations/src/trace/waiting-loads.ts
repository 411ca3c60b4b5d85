import { sinkApp, type SyncConfig, type TargetName } from '@tributary/sync-config';
import { consumerGroups, loadsGroup } from '@tributary/topics';
import type { Transport } from '@tributary/transport';
import { stageFacts } from './stage-facts';
import { newestOf, searchTopic, type SearchBounds, type TopicSearch } from './topic-search';
import type { LoadFacts, StageFacts } from './verdict';

interface LoadsPlace {
  readonly kafka: Transport;
  readonly config: Pick<SyncConfig, 'topics' | 'prefix' | 'targets'>;
  /** Kafka's topics: a pipeline of an older version has none of loads. */
  readonly there: ReadonlySet<string>;
}

/** What of loads by Spark is on its way to the row's targets. */
export interface WaitingLoads {
  readonly loads: TopicSearch | null;
  readonly validatedLoads: TopicSearch | null;
  readonly facts: LoadFacts;
  /** By target, the reader of `validatedLoads`. */
  readonly sinks: ReadonlyMap<TargetName, StageFacts>;
}

/**
 * Looks for bulk records of one row that the validator or a sink of these targets has not confirmed yet; what they have is not
 * read again: the topics of a load may be long. Throws a SyncError.
 */
export async function waitingLoads(
  { kafka, config, there }: LoadsPlace,
  targets: readonly TargetName[],
  key: Buffer,
  bounds: SearchBounds,
): Promise<WaitingLoads> {
  const admin = kafka.admin();
  const groups = consumerGroups(config);
  const validator = loadsGroup(groups.validator);
  const sinkGroup = (target: TargetName) => loadsGroup(groups.sink(target));
  const search = async (topic: string, readers: readonly string[]) => {
    if (!there.has(topic)) return null;
    const offsets = await Promise.all(readers.map((group) => admin.groupOffsets(group, topic)));
    const confirmed = offsets.map((of) => of.get(kafka.partitionOf(key)) ?? 0n);
    const from = confirmed.reduce((a, b) => (b < a ? b : a));
    return searchTopic(kafka, topic, key, { ...bounds, from });
  };
  const loads = await search(config.topics.loads, [validator]);
  const validatedLoads = await search(config.topics.validatedLoads, targets.map(sinkGroup));
  const sinks = await Promise.all(
    targets.map(
      async (target) =>
        [target, await stageFacts(admin, sinkApp(target), sinkGroup(target), validatedLoads)] as const,
    ),
  );
  return {
    ...{ loads, validatedLoads, sinks: new Map(sinks) },
    facts: {
      ...{ newestChange: newestOf(loads), newestValidated: newestOf(validatedLoads) },
      validator: await stageFacts(admin, 'validator', validator, loads),
    },
  };
}
