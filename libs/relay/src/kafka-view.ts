import {
  consumerGroups,
  GroupLag,
  readHeartbeats,
  readSpans,
  TopicEndsReader,
  TopicWatch,
  type Kafka,
} from '@tributary/kafka';
import type { SyncConfig } from '@tributary/sync-config';
import type { BrokerView } from './ports';

/** The relay's view of a real Kafka; it opens nothing before it is asked. */
export function kafkaView(
  kafka: Kafka,
  config: Pick<SyncConfig, 'topics' | 'prefix' | 'targets'>,
): BrokerView {
  const { changes, validated, heartbeats } = config.topics;
  const { validator, sinks } = consumerGroups(config);
  return {
    spans: (topic, start, maxBytes) => readSpans(kafka, topic, start, maxBytes),
    heartbeats: () => readHeartbeats(kafka, heartbeats),
    changeEnds: () => new TopicEndsReader(kafka, changes),
    topicWatch: () => new TopicWatch(kafka),
    lag: () =>
      new GroupLag(kafka, [
        { group: validator, topic: changes },
        ...sinks.map((group) => ({ group, topic: validated })),
      ]),
  };
}
