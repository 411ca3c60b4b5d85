// @ts-expect-error kafkajs has no types for its inside
import Cluster from 'kafkajs/src/cluster/index.js';
// @ts-expect-error kafkajs has no types for its inside
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
// @ts-expect-error kafkajs has no types for its inside
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
// @ts-expect-error kafkajs has no types for its inside
import Encoder from 'kafkajs/src/protocol/encoder.js';
// @ts-expect-error kafkajs has no types for its inside
import compression from 'kafkajs/src/protocol/message/compression/index.js';
// @ts-expect-error kafkajs has no types for its inside
import fetch from 'kafkajs/src/protocol/requests/fetch/index.js';
// @ts-expect-error kafkajs has no types for its inside
import produce from 'kafkajs/src/protocol/requests/produce/index.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** What the patches replace. */
const functions = (): unknown[] => [
  ...[1, 2, 3, 4].map((codec) => compression.Codecs[codec]),
  ...['joinAndSync', 'leave', 'heartbeat', 'recoverFromOffsetOutOfRange'].map(
    (name) => ConsumerGroup.prototype[name],
  ),
  fetch.protocol,
  produce.protocol,
  RequestQueue.prototype.scheduleCheckPendingRequests,
  RequestQueue.prototype.scheduleRequestTimeoutCheck,
  Encoder.prototype.writeEncoder,
  Cluster.prototype.findGroupCoordinatorMetadata,
];

it('kafkajs is patched when the first client is made, once, and not by an import', async () => {
  const before = functions();
  const { createKafka } = await import('../index');
  functions().forEach((one, nth) => expect(one).toBe(before[nth]));
  const make = () => createKafka({ brokers: ['127.0.0.1:1'], clientId: 'test' }, silent);
  make();
  const patched = functions();
  patched.forEach((one, nth) => expect(one).not.toBe(before[nth]));
  make();
  functions().forEach((one, nth) => expect(one).toBe(patched[nth]));
});
