import { GroupLag, readHeartbeats, stagesOf } from '@tributary/topics';
import { readSpans, TopicEndsReader, type Transport } from '@tributary/transport';
import type { SyncConfig } from '@tributary/sync-config';
import type { BrokerView } from './ports';

/** The relay's view of a real Kafka; it opens nothing before it is asked. */
export function kafkaView(
  kafka: Transport,
  config: Pick<SyncConfig, 'topics' | 'prefix' | 'targets'>,
): BrokerView {
  const { changes, heartbeats } = config.topics;
  return {
    spans: (topic, start, maxBytes) => readSpans(kafka, topic, start, maxBytes),
    heartbeats: () => readHeartbeats(kafka, heartbeats),
    changeEnds: () => new TopicEndsReader(kafka, changes),
    topicWatch: () => kafka.watch(),
    lag: () => new GroupLag(kafka, stagesOf(config)),
  };
}
