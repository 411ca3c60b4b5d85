// @ts-expect-error kafkajs has no types for its inside
import { MemberAssignment } from 'kafkajs/src/consumer/assignerProtocol.js';
// @ts-expect-error kafkajs has no types for its inside
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';

/** The members of kafkajs's consumer group that the specs look at. */
export interface ClientGroup {
  readonly memberId: string | null;
  readonly offsetManager: {
    resolveOffset(place: { topic: string; partition: number; offset: string }): void;
    nextOffset(topic: string, partition: number): object;
  };
  joinAndSync(): Promise<void>;
  leave(): Promise<void>;
  heartbeat(options: { interval: number }): Promise<void>;
  recoverFromFetch(error: unknown): Promise<void>;
}

interface Said {
  /** Each request to the coordinator; what it throws is the answer. */
  readonly request: (name: string, body: object) => void;
  /** Each event of the client. */
  readonly event?: () => void;
  readonly assigner?: object;
}

/** A consumer group of the client on the one partition of the topic `t`; its coordinator answers what `request` lets it. */
export function clientGroup({
  request,
  event = () => undefined,
  assigner = plainAssigner(),
}: Said): ClientGroup {
  const answering =
    (name: string, answer: object = {}) =>
    async (body: object) => {
      request(name, body);
      return answer;
    };
  const assignment = MemberAssignment.encode({
    version: 0,
    assignment: { t: [0] },
    userData: Buffer.alloc(0),
  });
  const coordinator = {
    isConnected: () => true,
    joinGroup: answering('join', {
      memberId: 'me',
      leaderId: 'other',
      generationId: 1,
      groupProtocol: 'plain',
    }),
    syncGroup: answering('sync', { memberAssignment: assignment }),
    heartbeat: answering('heartbeat'),
    leaveGroup: answering('leave'),
    offsetCommit: answering('commit'),
  };
  const topics = ['t'];
  const cluster = {
    findGroupCoordinator: async () => coordinator,
    findTopicPartitionMetadata: () => [{ partitionId: 0 }],
    defaultOffset: () => '-2',
    committedOffsets: () => ({ t: {} }),
  };
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  return new ConsumerGroup({
    ...{
      groupId: 'g',
      topics,
      topicConfigurations: { t: {} },
      cluster,
      assigners: [assigner],
      maxWaitTimeInMs: 1,
    },
    ...{
      retry: { retries: 3, initialRetryTime: 1 },
      logger: { namespace: () => silent },
      instrumentationEmitter: { emit: event },
    },
  });
}

export const plainAssigner = () => ({ name: 'plain', version: 0, protocol: () => ({}), assign: () => [] });
