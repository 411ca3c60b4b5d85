import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import groupMessagesPerPartition from 'kafkajs/src/producer/groupMessagesPerPartition.js';
import type { Message } from 'kafkajs';
import { javaPartitioner } from './java-partitioner';
import { type PartitionRun, SortedMessages } from './partition-run';
import { encodeProduce } from './produce-request';
import type { OutRecord } from '@tributary/transport';
import { SendQueue } from './send-queue';

const record = fc.record({
  key: fc.string({ minLength: 1, unit: 'binary' }),
  value: fc.option(fc.string({ unit: 'binary' })),
  headers: fc.dictionary(
    fc.string({ unit: 'binary' }),
    fc.oneof(fc.string({ maxLength: 60, unit: 'binary' }), fc.constant(undefined), fc.constant(null)),
    { maxKeys: 4 },
  ),
  partition: fc.option(fc.nat(4), { nil: undefined }),
});

describe('SortedMessages', () => {
  /** As kafkajs calls it. */
  const grouped = (messages: unknown) =>
    (groupMessagesPerPartition as (of: object) => Record<number, PartitionRun | Message[]>)({
      ...{ topic: 't', messages, partitionMetadata: [{}] },
      partitioner: javaPartitioner(5)(),
    });
  /** What the client itself would send: headers without a value left out, keys as bytes. */
  const plain = (of: OutRecord): Message => ({
    key: Buffer.from(of.key as string),
    value: of.value === null ? null : Buffer.from(of.value as string),
    headers: Object.fromEntries(
      Object.entries(of.headers!).filter(([, value]) => value !== undefined),
    ) as Message['headers'],
    ...(of.partition !== undefined && { partition: of.partition }),
  });
  const encoded = (groups: Record<number, PartitionRun | Message[]>) =>
    encodeProduce({
      ...{ acks: -1, timeout: 1 },
      topicData: [
        {
          topic: 't',
          partitions: Object.entries(groups).map(([partition, messages]) => ({
            ...{ partition: Number(partition), messages },
          })),
        },
      ],
    });

  it("sorts as the client does, and the request has the client's bytes", () => {
    jest.useFakeTimers({ now: 1_790_000_000_123 });
    try {
      fc.assert(
        fc.property(fc.array(record, { maxLength: 60 }), (records) => {
          const queue = new SendQueue();
          queue.add(
            't',
            records.map(({ partition, ...rest }) => ({
              ...rest,
              ...(partition !== undefined && { partition }),
            })),
          );
          const runs = grouped(new SortedMessages(queue.isEmpty ? [] : queue.take()));
          const theirs = grouped((records as OutRecord[]).map(plain));
          expect(Object.keys(runs)).toEqual(Object.keys(theirs));
          for (const [partition, { length }] of Object.entries(runs))
            expect(length).toBe(theirs[Number(partition)]!.length);
          expect(encoded(runs).equals(encoded(theirs))).toBe(true);
        }),
        { numRuns: 60 },
      );
    } finally {
      jest.useRealTimers();
    }
  });
});
