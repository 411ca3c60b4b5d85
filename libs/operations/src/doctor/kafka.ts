import { consumerGroups, loadsGroup, topicPlans } from '@tributary/topics';
import type { TopicAdmin, TopicPlan, Transport } from '@tributary/transport';
import { errorText } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import { usedTargets } from '@tributary/verify';
import { topicStatus } from '../status/kafka-status';
import { checksOf, type Check } from '@tributary/kernel';

const { pass, warn, fail } = checksOf('kafka');

const HOUR_MS = 3_600_000;

export async function kafkaChecks(kafka: Transport, config: SyncConfig): Promise<Check[]> {
  const admin = kafka.admin();
  const there = await admin.topics();
  const plans = topicPlans(config);
  const present = plans.filter(({ topic }) => there.has(topic));
  const answers = pass('answers', `It answers, and holds ${present.length} of the ${plans.length} topics.`);
  if (present.length === 0)
    return [answers, warn('topics', 'No topic is there yet.', 'The first service that starts makes them.')];
  const unlike = (await topicStatus(kafka, config)).flatMap(({ trouble, partitions, wanted }) => {
    if (trouble === null) return [];
    // Those beyond the sync file's are nobody's, which harms no row.
    const level = (partitions ?? 0) > wanted ? warn : fail;
    return [
      level('topics', trouble, 'See docs/operations.md, "Topics that are not as the sync file has them".'),
    ];
  });
  const differing = await settingsOf(admin, present);
  return [
    answers,
    ...(unlike.length > 0
      ? unlike
      : [pass('topics', 'Every topic is there with the partitions of the sync file.')]),
    ...(differing.length > 0
      ? differing
      : [pass('settings', 'The topics keep, hold and clean up what they must.')]),
    ...(await readers(admin, config)),
  ];
}

async function settingsOf(admin: TopicAdmin, plans: readonly TopicPlan[]): Promise<Check[]> {
  try {
    const settings = await admin.settings(plans.map(({ topic }) => topic));
    return plans.flatMap((plan) => settingChecks(plan, settings.get(plan.topic) ?? new Map()));
  } catch (error) {
    return [
      warn(
        'settings',
        `The topics' settings cannot be read: ${errorText(error).replace(/\.$/, '')}.`,
        'Give the account DescribeConfigs on them (deploy/kafka-acls.sh).',
      ),
    ];
  }
}

function settingChecks(
  { topic, settings }: { readonly topic: string; readonly settings: Readonly<Record<string, string>> },
  held: ReadonlyMap<string, string>,
): Check[] {
  return Object.entries(settings).flatMap(([name, wanted]) => {
    const now = held.get(name);
    if (now === undefined || now === wanted) return [];
    const command = `kafka-configs.sh --alter --topic ${topic} --add-config ${name}=${wanted}`;
    if (name === 'cleanup.policy')
      return [
        fail(
          'settings',
          `${topic} has cleanup.policy ${now}, so notes that are still needed would be deleted.`,
          command,
        ),
      ];
    if (name === 'message.timestamp.type')
      return [
        fail(
          'settings',
          `${topic} takes the time of the sender, so a wrong clock can lose records.`,
          command,
        ),
      ];
    if (name === 'max.message.bytes' && Number(now) < Number(wanted))
      return [
        warn(
          'settings',
          `${topic} takes records up to ${now} bytes: larger rows become dead letters.`,
          command,
        ),
      ];
    if (name === 'retention.ms' && Number(now) >= 0 && Number(now) < Number(wanted))
      return [
        warn(
          'settings',
          `${topic} keeps records for ${(Number(now) / HOUR_MS).toFixed(1)} h: a service that is down for longer, or a snapshot that takes longer, loses some and loads the tables again.`,
          command,
        ),
      ];
    return [];
  });
}

async function readers(admin: TopicAdmin, config: SyncConfig): Promise<Check[]> {
  const { validator, sink } = consumerGroups(config);
  const groups = [validator, ...usedTargets(config).map(sink)];
  const members = await admin.groupMembers([...groups, ...groups.map(loadsGroup)]);
  const checks = groups.flatMap((group) => {
    if (!members.get(group))
      return warn('groups', `Nobody reads as ${group}.`, 'Start the service of that name.');
    const loads = loadsGroup(group);
    return members.get(loads)
      ? []
      : warn(
          'groups',
          `Nobody reads as ${loads}, so bulk records of loads wait.`,
          `Restart the service that reads as ${group}: one of an older release does not read loads.`,
        );
  });
  return checks.length > 0 ? checks : [pass('groups', 'Every consumer group has members.')];
}
