import type { TopicAdmin } from '@tributary/transport';

/** What Kafka knows of a group and the topic that it reads, as a `PositionKeeper` asks for it. */
export function kafkaOffsets(
  admin: Pick<TopicAdmin, 'groupOffsets' | 'watermarks'>,
  groupId: string,
  topic: string,
) {
  return {
    committed: () => admin.groupOffsets(groupId, topic),
    oldest: async (): Promise<Map<number, bigint>> => {
      const marks = await admin.watermarks(topic);
      return new Map([...marks].map(([partition, { low }]) => [partition, low]));
    },
  };
}
