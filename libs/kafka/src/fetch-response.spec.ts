import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import client from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import { decodeFetch } from './fetch-response';
import { encodeProduce } from './produce-request';

const theirs = (body: Buffer) => (client as { decode(body: Buffer): Promise<object> }).decode(body);

const int16 = (value: number) => fill(2, (bytes) => bytes.writeInt16BE(value));
const int32 = (value: number) => fill(4, (bytes) => bytes.writeInt32BE(value));
const int64 = (value: bigint) => fill(8, (bytes) => bytes.writeBigInt64BE(value));

function fill(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

const batchOf = (
  messages: Parameters<typeof encodeProduce>[0]['topicData'][0]['partitions'][0]['messages'],
) =>
  // Behind the head of the request, its one topic `t` and the number and size of its one partition.
  encodeProduce({
    acks: -1,
    timeout: 1,
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
  }).subarray(27);

interface Placed {
  readonly offset: bigint;
  readonly attributes: number;
  readonly time: bigint;
}

/** A batch as a broker stores it: it writes the offset, and with log append time the time. */
function placed(batch: Buffer, { offset, attributes, time }: Placed): Buffer {
  const copy = Buffer.from(batch);
  copy.writeBigInt64BE(offset, 0);
  copy.writeInt16BE(attributes, 21);
  copy.writeBigInt64BE(time, 35);
  return copy;
}

function response(sets: readonly Buffer[], aborted: readonly bigint[] = []): Buffer {
  const partitions = sets.flatMap((set, partition) => [
    ...[int32(partition), int16(0), int64(1_000_000n), int64(999_999n), int64(3n)],
    ...[int32(aborted.length || -1), ...aborted.flatMap((first) => [int64(77n), int64(first)])],
    ...[int32(-1), int32(set.length), set],
  ]);
  const topic = [int16(5), Buffer.from('topic'), int32(sets.length)];
  return Buffer.concat([int32(25), int16(0), int32(9), int32(1), ...topic, ...partitions]);
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((content) => Buffer.from(content));
// The client takes inherited members of an object, such as `toString`, for a header that was there before.
const name = fc.string().filter((text) => !(text in {}));
const headers = fc.dictionary(name, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })), {
  maxKeys: 5,
  noNullPrototype: true,
});
const message = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.option(headers, { nil: undefined }),
});
const batch = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 150 }),
  offset: fc.bigInt({ min: 0n, max: 2n ** 52n }),
  time: fc.bigInt({ min: 0n, max: 2n ** 45n }),
  attributes: fc.constantFrom(0, 0x8, 0x10, 0x30),
});
const sets = fc.array(
  fc.record({ batches: fc.array(batch, { maxLength: 3 }), cut: fc.nat(2000) }).map(({ batches, cut }) => {
    const whole = Buffer.concat(batches.map((one) => placed(batchOf(one.messages), one)));
    return cut < 1000 ? whole.subarray(0, whole.length - Math.min(cut, whole.length)) : whole;
  }),
  { maxLength: 3 },
);

describe('decodeFetch', () => {
  it("reads what the client's own decoder reads, cut off batches included", async () => {
    await fc.assert(
      fc.asyncProperty(
        sets,
        fc.array(fc.bigInt({ min: 0n, max: 99n }), { maxLength: 2 }),
        async (all, aborted) => {
          const body = response(all, aborted);
          expect(decodeFetch(body)).toEqual(await theirs(body));
        },
      ),
      { numRuns: 60 },
    );
  }, 30_000);

  it('leaves compressed batches and old formats to the client', () => {
    const plain = batchOf([{ key: 'k', value: 'v' }]);
    expect(decodeFetch(response([plain]))).toBeDefined();
    const old = Buffer.from(plain);
    old[16] = 1;
    expect(decodeFetch(response([old]))).toBeUndefined();
    const gzip = placed(plain, { offset: 0n, attributes: 1, time: 0n });
    expect(decodeFetch(response([gzip]))).toBeUndefined();
  });

  it('leaves a response that ends too early to the client', () => {
    const body = response([batchOf([{ key: 'k', value: 'v' }])]);
    for (let length = 0; length < body.length; length += 1)
      expect(decodeFetch(body.subarray(0, length))).toBeUndefined();
  });

  it('takes a header with the name of an inherited member for what it is', () => {
    const body = response([batchOf([{ key: 'k', value: 'v', headers: { toString: 'x' } }])]);
    const [record] = decodeFetch(body)!.responses[0]!.partitions[0]!.messages;
    expect(Object.entries(record!.headers)).toEqual([['toString', Buffer.from('x')]]);
  });
});
