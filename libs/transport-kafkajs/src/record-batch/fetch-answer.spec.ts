import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import client from 'kafkajs/src/protocol/requests/fetch/index.js';
import type { InRecord } from '@tributary/transport';
import { mendMissingCodecs } from '../patches/missing-codecs';
import { readFetchAnswer } from './fetch-answer';
import { answer, batchOf, placed } from './fetched.fixture';
import { at } from './stored-batch';

const theirs = (body: Buffer, version: number): Promise<Parameters<typeof plain>[0]> =>
  client.protocol({ version })({ topics: [] }).response.decode(body);

/** A record, of whichever decoder. */
interface Read extends InRecord {
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
}

/** Of an answer, what anybody looks at. */
function plain(read: { responses: { partitions: { messages: readonly Read[] }[] }[] }): unknown {
  return {
    ...read,
    responses: read.responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({
        ...partition,
        messages: partition.messages.map(
          ({ key, value, headers, offset, timestamp, isControlRecord, batchContext }) => ({
            ...{ key, value, headers, offset, timestamp, isControlRecord },
            producerId: batchContext.producerId,
            inTransaction: batchContext.inTransaction,
          }),
        ),
      })),
    })),
  };
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((content) => Buffer.from(content));
// The client takes inherited members of an object, such as `toString`, for a header that was there before.
const name = fc.string().filter((text) => !(text in {}));
const headers = fc.dictionary(name, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })), { maxKeys: 5 });
const message = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.option(headers, { nil: undefined }),
});
const batch = fc
  .record({
    messages: fc.array(message, { minLength: 1, maxLength: 150 }),
    compression: fc.constantFrom(0, 3),
    offset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
    time: fc.bigInt({ min: 0n, max: 2n ** 45n }),
    flags: fc.constantFrom(0, 0x8, 0x10, 0x30),
  })
  .map(({ messages, compression, ...place }) => placed(batchOf(messages, compression), place));
// The client throws a RangeError where so little of a first batch has come that its format is not there.
const READABLE = 17;
const sets = fc.array(
  fc.record({ batches: fc.array(batch, { maxLength: 3 }), cut: fc.nat(2000) }).map(({ batches, cut }) => {
    const whole = Buffer.concat(batches);
    const left = whole.length - (cut < 1000 ? cut : 0);
    return whole.subarray(0, left < READABLE ? 0 : left);
  }),
  { maxLength: 3 },
);

describe('readFetchAnswer', () => {
  beforeAll(mendMissingCodecs);

  it("reads what the client's own decoder reads, but for partitions without bytes", async () => {
    const first = fc.bigInt({ min: 0n, max: 99n });
    const version = fc.integer({ min: 4, max: 11 });
    await fc.assert(
      fc.asyncProperty(version, sets, fc.array(first, { maxLength: 2 }), async (of, all, aborted) => {
        const body = answer(of, all, aborted);
        const read = await theirs(body, of);
        const responses = read.responses.map((topic) => ({
          ...topic,
          partitions: topic.partitions.filter((_partition, nth) => all[nth]!.length > 0),
        }));
        expect(plain(readFetchAnswer(body, of)!)).toEqual(plain({ ...read, responses }));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  }, 60_000);

  it('tells of a partition without bytes what its error is', () => {
    const told = (error: number) =>
      readFetchAnswer(answer(11, [Buffer.alloc(0)], [], error), 11)!.responses[0]!.partitions.map(
        ({ errorCode }) => errorCode,
      );
    expect([told(0), told(1)]).toEqual([[], [1]]);
  });

  it('takes what has come of a first batch for nothing yet, however little it is', () => {
    const whole = batchOf([{ key: 'k', value: 'v' }]);
    for (let length = 1; length < whole.length; length += 1) {
      const read = readFetchAnswer(answer(11, [whole.subarray(0, length)]), 11)!;
      expect(read.responses[0]!.partitions[0]!.messages).toEqual([]);
    }
  });

  it('reads numbers of every size as the client does', async () => {
    for (const size of [0, 63, 64, 8191, 8192, 70_000]) {
      const one = batchOf([
        { key: 'k', value: Buffer.alloc(size, 7), headers: { v: 'x'.repeat(size % 9000) } },
      ]);
      const body = answer(11, [placed(one, { offset: 2n ** 33n, flags: 0, time: 5n })]);
      expect(plain(readFetchAnswer(body, 11)!)).toEqual(plain(await theirs(body, 11)));
    }
  });

  it('copies nothing of a batch that is not compressed', () => {
    const body = answer(11, [batchOf([{ key: 'k', value: 'v', headers: { h: 'x' } }])]);
    const [record] = readFetchAnswer(body, 11)!.responses[0]!.partitions[0]!.messages;
    for (const slice of [record!.key, record!.value, record!.headers['h' as never] as Buffer])
      expect((slice as Buffer).buffer).toBe(body.buffer);
  });

  it('takes a header with the name of an inherited member for what it is', () => {
    const names = ['toString', '__proto__', 'constructor'];
    const pairs = names.map((one) => [one, 'x'] as const);
    const messages = [{ key: 'k', value: 'v', headers: Object.fromEntries(pairs) }];
    const body = answer(11, [batchOf(messages)]);
    const [record] = readFetchAnswer(body, 11)!.responses[0]!.partitions[0]!.messages;
    expect(Object.entries(record!.headers)).toEqual(names.map((one) => [one, Buffer.from('x')]));
  });

  it('leaves old formats to the client', () => {
    const old = batchOf([{ key: 'k', value: 'v' }]);
    old[at.magic] = 1;
    expect(readFetchAnswer(answer(11, [old]), 11)).toBeUndefined();
  });

  it('R13: unpacks no more than it may of one answer; the first batch of it comes whatever it takes', () => {
    const large = batchOf(
      Array.from({ length: 9 }, () => ({ key: 'k', value: Buffer.alloc(100_000) })),
      3,
    );
    const count = ({ responses }: NonNullable<ReturnType<typeof readFetchAnswer>>) =>
      responses[0]!.partitions.map(({ messages }) => messages.length);
    const many = Buffer.concat(Array<Buffer>(30).fill(large));
    expect(count(readFetchAnswer(answer(11, [many, large]), 11)!)).toEqual([19 * 9, 0]);
  });
});
