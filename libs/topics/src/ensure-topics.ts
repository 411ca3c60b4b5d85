import { fatal, SyncError, transient } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import { reason, type TopicAdmin, type TopicPlan, type Transport } from '@tributary/transport';
import { loadStagesOf, stagesOf } from './stages';
import { topicPlans } from './topic-plan';

/**
 * Creates the topics of the sync file that are missing and changes none. A topic with more partitions than the sync
 * file says is let be: those beyond are nobody's, and TopicHealth names it. Throws a fatal SyncError when a topic has
 * fewer, when the partitions beyond have been read by this pipeline (the sync file was lowered), or when Kafka
 * refuses us, a SyncError `retry` when it does not answer within 20 s.
 */
export async function ensureTopics(
  transport: Pick<Transport, 'admin' | 'brokers'>,
  config: SyncConfig,
): Promise<void> {
  const admin = transport.admin({ keepOpen: true });
  try {
    const plans = topicPlans(config);
    const counts = await admin.partitionCounts(plans.map(({ topic }) => topic));
    const missing = missingTopics(plans, counts);
    await refuseLowered(admin, config, counts);
    if (missing.length > 0) {
      await admin.createTopics(missing);
      // Another service may have been faster, with another sync file.
      missingTopics(plans, await admin.partitionCounts(plans.map(({ topic }) => topic)));
    }
    await admin.untilServed(plans.map(({ topic }) => topic));
  } catch (error) {
    throw atStart(error, transport.brokers);
  } finally {
    await admin.close();
  }
}

/** For the start of a process: a TLS handshake that fails now is a matter of configuration. */
function atStart(error: unknown, brokers: string): unknown {
  if (!(error instanceof SyncError) || error.kind === 'fatal') return error;
  if (error.code === 'TLS') return fatal(error.code, error.message, error);
  return transient(
    'UNREACHABLE',
    `Kafka does not answer at ${brokers} (${reason(error)}): check KAFKA_BROKERS, that the broker runs, and KAFKA_SSL and KAFKA_SASL_* if it asks for TLS or a login.`,
    error,
  );
}

/** The plans that have no topic yet; throws on a topic that is unlike its plan. */
function missingTopics(plans: readonly TopicPlan[], counts: ReadonlyMap<string, number>): TopicPlan[] {
  for (const { topic, partitions } of plans) {
    const have = counts.get(topic);
    if (have !== undefined && have < partitions)
      throw fatal(
        'TOPIC_PARTITIONS',
        `Topic ${topic} has ${have} partition(s), ${partitions} are wanted: set topics.partitions in the sync file to the number that this pipeline began with, or raise its topics changes, validated, loads, validated-loads and dead-letters to ${partitions} together (docs/operations.md, "Another number of partitions").`,
      );
  }
  return plans.filter(({ topic }) => !counts.has(topic));
}

/** Offsets beyond the count show that records of ours stand there: they would never be read. */
async function refuseLowered(
  admin: TopicAdmin,
  config: SyncConfig,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  const { partitions } = config;
  for (const { group, topic } of [...stagesOf(config), ...loadStagesOf(config)]) {
    const have = counts.get(topic) ?? 0;
    if (have <= partitions) continue;
    // A service need not have rights on the groups of others; the one that reads the topic has.
    const offsets = await admin.groupOffsets(group, topic).catch(() => new Map<number, bigint | undefined>());
    const beyond = [...offsets].find(
      ([partition, offset]) => partition >= partitions && offset !== undefined,
    );
    if (beyond)
      throw fatal(
        'TOPIC_PARTITIONS',
        `Topic ${topic} has ${have} partition(s), ${partitions} are wanted: this pipeline has read partition ${beyond[0]}, so records of it stand beyond the first ${partitions}: set topics.partitions in the sync file back to the number that it had (docs/operations.md, "Another number of partitions").`,
      );
  }
}
