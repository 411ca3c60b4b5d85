import { innerCluster } from './inner-cluster';
import { createKafka } from './kafkajs-transport';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

it("the client's cluster has what is used of it, and reads committed records only", () => {
  const kafka = createKafka({ brokers: ['127.0.0.1:1'], clientId: 'test' }, silent);
  const cluster = innerCluster<Record<string, unknown>>(kafka);
  for (const name of [
    ...['connect', 'disconnect', 'addTargetTopic', 'refreshMetadata', 'findTopicPartitionMetadata'],
    ...['findLeaderForPartitions', 'fetchTopicsOffset', 'findBroker'],
  ])
    expect([name, typeof cluster[name]]).toEqual([name, 'function']);
  expect(cluster['brokerPool']).toHaveProperty('findConnectedBroker');
  expect(cluster['isolationLevel']).toBe(1);
});
