import { Kafka, logLevel } from 'kafkajs';
import type { Pipeline } from './pipeline';

/** Records on the dead-letter topic. */
export async function countDeadLetters({ servers, config }: Pipeline): Promise<number> {
  const kafka = new Kafka({ brokers: servers.KAFKA_BROKERS.split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const partitions = await admin.fetchTopicOffsets(config.topics.deadLetters);
    return partitions.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
}
