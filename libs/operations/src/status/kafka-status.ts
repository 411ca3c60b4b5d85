import { DeadLetterStore } from '@tributary/dead-letters';
import { consumerGroups, topicPlans } from '@tributary/topics';
import { groupLag, type TopicAdmin, type Transport } from '@tributary/transport';
import { topicTrouble } from '@tributary/service';
import { sinkApp, type SyncConfig } from '@tributary/sync-config';

/** More dead letters than this are not read for a count by table. */
const MOST_DEAD_LETTERS = 20_000n;

export interface StageStatus {
  readonly stage: string;
  readonly lagEvents: number;
  readonly members: number;
}

export interface TopicStatus {
  readonly topic: string;
  /** Another one for each topic that is made, also of the same name; `null`: the broker does not tell. */
  readonly id: string | null;
  readonly partitions: number | null;
  /** As the sync file has it. */
  readonly wanted: number;
  /** One sentence when it is not as the sync file has it. */
  readonly trouble: string | null;
}

/** How far the consumer groups are. */
export async function stageLag(admin: TopicAdmin, config: SyncConfig): Promise<StageStatus[]> {
  const groups = consumerGroups(config);
  const stages = [
    ['validator', groups.validator, config.topics.changes],
    ...config.targets.map(({ name }) => [sinkApp(name), groups.sink(name), config.topics.validated] as const),
  ] as const;
  return Promise.all(
    stages.map(async ([stage, group, topic]) => {
      const [lag, members] = await Promise.all([groupLag(admin, group, topic), admin.groupMembers([group])]);
      return {
        stage,
        members: members.get(group) ?? 0,
        lagEvents: Number([...lag.values()].reduce((sum, events) => sum + events, 0n)),
      };
    }),
  );
}

/** Each topic beside what the sync file says of it. */
export async function topicStatus(kafka: Transport, config: SyncConfig): Promise<TopicStatus[]> {
  const watch = kafka.watch();
  try {
    const plans = topicPlans(config);
    const seen = await watch.read(plans.map(({ topic }) => topic));
    return plans.map((plan) => {
      const { id = null, partitions = null } = seen.facts.get(plan.topic) ?? {};
      const trouble = topicTrouble(plan, seen)?.sentence ?? null;
      return { topic: plan.topic, id, partitions, wanted: plan.partitions, trouble };
    });
  } finally {
    await watch.close();
  }
}

/** Open dead letters; `undefined`: too many to be counted. */
export const deadLettersByTable = (
  kafka: Transport,
  config: SyncConfig,
): Promise<Map<string, number> | undefined> =>
  new DeadLetterStore(kafka, config.topics).countByTable(MOST_DEAD_LETTERS);
