import { DeadLetterStore } from '@tributary/dead-letters';
import { loadStagesOf, stagesOf, topicPlans } from '@tributary/topics';
import { groupLag, lagOf, type TopicAdmin, type Transport, type Watermarks } from '@tributary/transport';
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

/** How far the consumer groups are with live changes. */
export async function stageLag(admin: TopicAdmin, config: SyncConfig): Promise<StageStatus[]> {
  const names = stageNames(config);
  return Promise.all(
    stagesOf(config).map(async ({ group, topic }, nth) => {
      const [lag, members] = await Promise.all([groupLag(admin, group, topic), admin.groupMembers([group])]);
      return {
        stage: names[nth]!,
        members: members.get(group) ?? 0,
        lagEvents: Number([...lag.values()].reduce((sum, events) => sum + events, 0n)),
      };
    }),
  );
}

/**
 * How many bulk records of loads wait in each stage, behind all live changes; stages where none does are left out. While the
 * topics are empty, as they mostly are, one request a topic.
 */
export async function loadsBacklog(
  kafka: Pick<Transport, 'admin'>,
  config: SyncConfig,
): Promise<StageStatus[]> {
  const admin = kafka.admin({ keepOpen: true });
  try {
    const { loads, validatedLoads } = config.topics;
    const ends = new Map<string, ReadonlyMap<number, Watermarks>>();
    for (const topic of [loads, validatedLoads]) ends.set(topic, await admin.watermarks(topic));
    const names = stageNames(config);
    const waiting: StageStatus[] = [];
    for (const [nth, { group, topic }] of loadStagesOf(config).entries()) {
      const marks = [...ends.get(topic)!];
      if (marks.every(([, { low, high }]) => low === high)) continue;
      const offsets = await admin.groupOffsets(group, topic);
      const lag = marks.reduce((sum, [partition, found]) => sum + lagOf(found, offsets.get(partition)), 0n);
      if (lag === 0n) continue;
      const members = (await admin.groupMembers([group])).get(group) ?? 0;
      waiting.push({ stage: names[nth]!, members, lagEvents: Number(lag) });
    }
    return waiting;
  } finally {
    await admin.close();
  }
}

/** In the order of the stages. */
const stageNames = ({ targets }: SyncConfig) => ['validator', ...targets.map(({ name }) => sinkApp(name))];

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
