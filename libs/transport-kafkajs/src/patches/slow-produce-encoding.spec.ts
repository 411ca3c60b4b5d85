// @ts-expect-error kafkajs has no types for its inside
import produce from 'kafkajs/src/protocol/requests/produce/index.js';
import { mendSlowProduceEncoding } from './slow-produce-encoding';

const RECORDS = 100;

afterEach(() => jest.restoreAllMocks());

it('still needed: the client makes buffers for each record of a produce request', async () => {
  jest.spyOn(Date, 'now').mockReturnValue(1_790_000_000_123);
  const messages = Array.from({ length: RECORDS }, (_, nth) => ({
    key: `key ${nth}`,
    value: 'v'.repeat(1000),
    headers: { v: `${nth}` },
  }));
  const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
  const encoded = async () => {
    const makers = (['alloc', 'allocUnsafe', 'from'] as const).map((name) => jest.spyOn(Buffer, name));
    const request = produce.protocol({ version: 7 })({ acks: -1, timeout: 1, topicData }).request;
    const { buffer } = (await request.encode()) as { buffer: Buffer };
    const made = makers.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    makers.forEach((maker) => maker.mockRestore());
    return { buffer, made };
  };
  const theirs = await encoded();
  expect(theirs.made).toBeGreaterThan(5 * RECORDS);
  mendSlowProduceEncoding();
  const ours = await encoded();
  expect(ours.made).toBeLessThan(10);
  expect(ours.buffer.equals(theirs.buffer)).toBe(true);
});
