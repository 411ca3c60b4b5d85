import { DeadLetterStore } from '@tributary/dead-letters';
import type { SyncConfig } from '@tributary/sync-config';
import { loadStagesOf, stagesOf, topicPlans } from '@tributary/topics';
import type { Transport } from '@tributary/transport';

/** By group and partition: what is confirmed, and from where to where the topic goes. */
export async function consumerOffsets(kafka: Transport, config: SyncConfig) {
  const admin = kafka.admin();
  const there = await admin.topics();
  const loads = loadStagesOf(config).filter(({ topic }) => there.has(topic));
  const stages = [...stagesOf(config), ...loads];
  const members = await admin.groupMembers(stages.map(({ group }) => group));
  return Promise.all(
    stages.map(async ({ group, topic }) => {
      const [marks, offsets] = await Promise.all([admin.watermarks(topic), admin.groupOffsets(group, topic)]);
      return {
        ...{ group, topic, members: members.get(group) ?? 0 },
        partitions: [...marks].map(([partition, { low, high }]) => ({
          ...{ partition, low, high },
          committed: offsets.get(partition) ?? null,
        })),
      };
    }),
  );
}

/** Partitions and settings of each topic; `null` where there is none. */
export async function topicSettings(kafka: Transport, config: SyncConfig) {
  const admin = kafka.admin();
  const names = topicPlans(config).map(({ topic }) => topic);
  const there = await admin.topics();
  const present = names.filter((topic) => there.has(topic));
  const [counts, settings] = await Promise.all([admin.partitionCounts(present), admin.settings(present)]);
  return Object.fromEntries(
    names.map((topic) => [
      topic,
      there.has(topic)
        ? { partitions: counts.get(topic), settings: Object.fromEntries(settings.get(topic) ?? []) }
        : null,
    ]),
  );
}

interface DeadLetterGroup {
  readonly stage: string;
  readonly code: string;
  /** `null`: none of the sync file. */
  readonly table: string | null;
  count: number;
  first: string;
  last: string;
}

/** Open dead letters by stage, code and table, without what they say of their rows. */
export async function deadLetterGroups(kafka: Transport, config: SyncConfig): Promise<DeadLetterGroup[]> {
  const groups = new Map<string, DeadLetterGroup>();
  const open = await new DeadLetterStore(kafka, config.topics).open();
  for await (const piece of open.pieces({}))
    for (const { deadLetter } of piece) {
      const { at } = deadLetter;
      // Whoever may write to the topic could have written anything here.
      const code = wordOr(deadLetter.code, /^[A-Z0-9_]{1,40}$/);
      const stage = wordOr(deadLetter.stage, /^[a-z-]{1,40}$/);
      const table = deadLetter.table !== null && config.table(deadLetter.table) ? deadLetter.table : null;
      const id = JSON.stringify([stage, code, table]);
      const group = groups.get(id) ?? { stage, code, table, count: 0, first: at, last: at };
      group.count += 1;
      if (at < group.first) group.first = at;
      if (at > group.last) group.last = at;
      groups.set(id, group);
    }
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

const wordOr = (text: string, words: RegExp) => (words.test(text) ? text : '(no word of ours)');
