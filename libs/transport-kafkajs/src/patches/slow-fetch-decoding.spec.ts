// @ts-expect-error kafkajs has no types for its inside
import fetch from 'kafkajs/src/protocol/requests/fetch/index.js';
import type { FetchAnswer } from '../record-batch/fetch-answer';
import { DamagedBatch } from '../record-batch/damaged-batch';
import { answer, batchOf } from '../record-batch/fetched.fixture';
import { StoredRecord } from '../record-batch/stored-record';
import { mendSlowFetchDecoding } from './slow-fetch-decoding';

const read = async (...sets: Buffer[]) => {
  const { response } = fetch.protocol({ version: 11 })({ topics: [] });
  const { responses } = (await response.decode(answer(11, sets))) as FetchAnswer;
  return responses[0]!.partitions;
};

it('still needed: the client checks no checksum and hands on partitions without records', async () => {
  const whole = batchOf([{ key: 'k', value: 'right' }]);
  const damaged = Buffer.from(whole);
  damaged[damaged.indexOf('right')] = 'l'.charCodeAt(0);

  const theirs = await read(damaged, Buffer.alloc(0));
  expect(theirs.map(({ messages }) => messages.map(({ value }) => String(value)))).toEqual([['light'], []]);

  mendSlowFetchDecoding();
  const ours = await read(damaged, Buffer.alloc(0));
  expect(ours.map(({ messages }) => messages)).toEqual([[expect.any(DamagedBatch)]]);
  const [partition] = await read(whole);
  expect(partition!.messages).toEqual([expect.any(StoredRecord)]);
  expect(String(partition!.messages[0]!.value)).toBe('right');
});
