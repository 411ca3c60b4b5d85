import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import produce from 'kafkajs/src/protocol/requests/produce/index.js';
import { crc32c } from './crc32c';
import { encodeProduce, isPlain, type ProduceParams } from './produce-request';

const theirs = async (params: ProduceParams) =>
  ((await produce.protocol({ version: 7 })(params).request.encode()) as { buffer: Buffer }).buffer;

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((content) => Buffer.from(content)),
  fc.string({ unit: 'binary' }),
);
const headers = fc.dictionary(fc.string(), fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })), {
  maxKeys: 5,
});
const message = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.option(headers, { nil: undefined }),
});
const partition = fc.record({
  partition: fc.nat(1000),
  firstSequence: fc.nat(2 ** 31 - 1),
  messages: fc.array(message, { minLength: 1, maxLength: 150 }),
});
const request = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 62n }).map(String),
  producerEpoch: fc.nat(30_000),
  topicData: fc.array(
    fc.record({ topic: fc.string({ minLength: 1 }), partitions: fc.array(partition, { maxLength: 3 }) }),
    { maxLength: 2 },
  ),
});

describe('encodeProduce', () => {
  beforeAll(() => jest.useFakeTimers({ now: 1_790_000_000_123, doNotFake: ['nextTick', 'setImmediate'] }));
  afterAll(() => jest.useRealTimers());

  it("writes exactly the bytes of the client's own encoder", async () => {
    await fc.assert(
      fc.asyncProperty(request, async (params) => {
        expect(encodeProduce(params).equals(await theirs(params))).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it('writes records of every order of size as the client does', async () => {
    for (const size of [0, 63, 64, 8191, 8192, 1_048_575, 1_048_576, 3_000_000]) {
      const messages = [{ key: 'k', value: Buffer.alloc(size, 7), headers: { v: 'x'.repeat(size % 9000) } }];
      const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
      const params = { acks: -1, timeout: 1, topicData };
      expect(encodeProduce(params).equals(await theirs(params))).toBe(true);
    }
  });

  it('leaves transactions, compression and messages with a time to the client', () => {
    const plain = { acks: -1, timeout: 1, topicData: [] };
    const timed = { topic: 't', partitions: [{ partition: 0, messages: [{ value: '', timestamp: '5' }] }] };
    expect(isPlain(plain)).toBe(true);
    expect(isPlain({ ...plain, transactionalId: 't' })).toBe(false);
    expect(isPlain({ ...plain, compression: 1 })).toBe(false);
    expect(isPlain({ ...plain, topicData: [timed] })).toBe(false);
  });
});

it('crc32c knows the check value of the algorithm', () => {
  expect(crc32c(Buffer.from('-123456789-'), 1, 10)).toBe(0xe3069283);
});
