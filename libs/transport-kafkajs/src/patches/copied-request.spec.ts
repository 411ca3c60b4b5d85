// @ts-expect-error kafkajs has no types for its inside
import createRequest from 'kafkajs/src/protocol/request.js';
// @ts-expect-error kafkajs has no types for its inside
import produce from 'kafkajs/src/protocol/requests/produce/index.js';
import { encodeProduce } from '../produce-request';
import { HEAD_ROOM, mendCopiedRequest, roomyRequest } from './copied-request';

const params = {
  ...{ acks: -1, timeout: 1 },
  topicData: [
    { topic: 't', partitions: [{ partition: 0, messages: [{ key: 'k', value: Buffer.alloc(100_000, 7) }] }] },
  ],
};
const send = async (encode: () => Promise<unknown>, clientId = 'me'): Promise<Buffer> => {
  const request = { apiKey: 0, apiVersion: 7, encode };
  return (await createRequest({ correlationId: 7, clientId, request })).buffer;
};
const theirs = produce.protocol({ version: 7 })(params).request.encode;

beforeAll(() => jest.useFakeTimers({ now: 1_790_000_000_123, doNotFake: ['nextTick', 'setImmediate'] }));
afterAll(() => jest.useRealTimers());

it('R13, still needed: the client copies a request to put a head before it', async () => {
  const sent = await send(theirs);
  const whole = encodeProduce(params, HEAD_ROOM);
  const roomy = () => send(async () => roomyRequest(whole));
  const copied = await roomy();
  expect(copied.equals(sent)).toBe(true);
  expect(copied.buffer).not.toBe(whole.buffer);

  mendCopiedRequest();
  const inPlace = await roomy();
  expect(inPlace.equals(sent)).toBe(true);
  expect(inPlace.buffer).toBe(whole.buffer);
  expect((await send(theirs)).equals(sent)).toBe(true);
});

it('a head that is longer than the room before a request goes before it as ever', async () => {
  mendCopiedRequest();
  const name = 'x'.repeat(600);
  const ours = await send(async () => roomyRequest(encodeProduce(params, HEAD_ROOM)), name);
  expect(ours.equals(await send(theirs, name))).toBe(true);
});
