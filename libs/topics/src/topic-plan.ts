import type { SyncConfig } from '@tributary/sync-config';
import { MAX_RECORD_BYTES, type TopicPlan } from '@tributary/transport';

/** A dead letter is the original record plus its `dlq.*` headers, so its topic takes a little more than the others. */
const DEAD_LETTER_BYTES = MAX_RECORD_BYTES;
/** `max.message.bytes` of the data topics: room for a row of the largest `max_allowed_packet` that is usual. */
const MAX_MESSAGE_BYTES = DEAD_LETTER_BYTES - 2 ** 20;

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Records carry the broker's time, not the sender's. By the sender's, a service whose clock is an hour ahead would be
 * refused by the broker, and what one sends whose clock is a week behind would be past its retention at once.
 */
const brokersTime = { 'message.timestamp.type': 'LogAppendTime' };

/** The topics of one pipeline and how they are made. */
export function topicPlans({ topics, partitions }: SyncConfig): TopicPlan[] {
  const data = {
    ...brokersTime,
    'max.message.bytes': `${MAX_MESSAGE_BYTES}`,
    'retention.ms': `${7 * DAY_MS}`,
  };
  // Small segments, because Kafka never compacts the one being written.
  const compacted = { ...brokersTime, 'cleanup.policy': 'compact', 'segment.bytes': `${8 * 2 ** 20}` };
  return [
    { topic: topics.changes, partitions, settings: data },
    { topic: topics.validated, partitions, settings: data },
    { topic: topics.loads, partitions, settings: data },
    { topic: topics.validatedLoads, partitions, settings: data },
    {
      topic: topics.deadLetters,
      partitions,
      settings: {
        ...brokersTime,
        'max.message.bytes': `${DEAD_LETTER_BYTES}`,
        'retention.ms': `${30 * DAY_MS}`,
      },
    },
    {
      topic: topics.schemas,
      partitions: 1,
      settings: { ...compacted, 'max.message.bytes': `${MAX_MESSAGE_BYTES}` },
    },
    { topic: topics.heartbeats, partitions: 1, settings: compacted },
    { topic: topics.notes, partitions: 1, settings: compacted },
  ];
}
