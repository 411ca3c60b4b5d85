// @ts-expect-error kafkajs has no types for its inside
import Cluster from 'kafkajs/src/cluster/index.js';
// @ts-expect-error kafkajs has no types for its inside
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';
import { mendDroppedRefusal } from './dropped-refusal';

const GROUP_AUTHORIZATION_FAILED = 30;

/** The client's search for a group's coordinator, in a cluster of one broker that answers with an error. */
function search(errorCode: number): Promise<unknown> {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const cluster = new Cluster({
    logger: { ...silent, namespace: () => silent },
    ...{ brokers: ['127.0.0.1:1'], clientId: 'me', retry: { retries: 0 }, offsets: new Map() },
  });
  const findGroupCoordinator = () => Promise.reject(createErrorFromCode(errorCode));
  cluster.brokerPool.brokers = { 1: { isConnected: () => true, findGroupCoordinator } };
  return cluster.findGroupCoordinator({ groupId: 'g' });
}

it("still needed: the client drops the broker's refusal and says that there is no coordinator", async () => {
  const notFound = { name: 'KafkaJSGroupCoordinatorNotFound' };
  await expect(search(GROUP_AUTHORIZATION_FAILED)).rejects.toMatchObject(notFound);
  mendDroppedRefusal();
  await expect(search(GROUP_AUTHORIZATION_FAILED)).rejects.toMatchObject({
    type: 'GROUP_AUTHORIZATION_FAILED',
  });
  await expect(search(35)).rejects.toMatchObject(notFound);
});
