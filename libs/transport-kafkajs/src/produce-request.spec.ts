import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import produce from 'kafkajs/src/protocol/requests/produce/index.js';
// @ts-expect-error kafkajs has no types for its inside
import Decoder from 'kafkajs/src/protocol/decoder.js';
// @ts-expect-error kafkajs has no types for its inside
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';
import { crc32c } from './crc32c';
import { encodeProduce, isPlain, MOST_PACKED_BYTES, type ProduceParams } from './produce-request';
import { mendMissingCodecs } from './patches/missing-codecs';
import { canPack } from './record-batch/codecs';

const theirs = async (params: ProduceParams) =>
  ((await produce.protocol({ version: 7 })(params).request.encode()) as { buffer: Buffer }).buffer;

/** What the client reads out of the batches of a request. */
async function read(body: Buffer): Promise<unknown> {
  const decoder = new Decoder(body);
  decoder.readString();
  decoder.readInt16();
  decoder.readInt32();
  return decoder.readArrayAsync(async () => ({
    topic: decoder.readString(),
    partitions: await decoder.readArrayAsync(async () => ({
      partition: decoder.readInt32(),
      messages: await decodeMessages(decoder),
    })),
  }));
}

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

  it('R13: a value in pieces is the value', () => {
    const value = Buffer.alloc(300_000, 'abcdefg');
    const pieces = [
      value.subarray(0, 1),
      value.subarray(1, 1),
      value.subarray(1, 200_000),
      value.subarray(200_000),
    ];
    const encoded = [value, pieces as unknown as Buffer].map((one) =>
      encodeProduce({
        ...{ acks: -1, timeout: 1 },
        topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ key: 'k', value: one }] }] }],
      }),
    );
    expect(encoded[1]!.equals(encoded[0]!)).toBe(true);
  });

  // Zstandard where this Node.js has it (from 22.15 on).
  it.each([3, 4].filter(canPack))(
    'packs a batch with codec %i where that makes it smaller, and the client reads what was sent',
    async (codec) => {
      mendMissingCodecs();
      const codecs = new Set<number>();
      await fc.assert(
        fc.asyncProperty(request, fc.nat(4), async (params, times) => {
          // Repeats make most of them large enough and worth it.
          const topicData = params.topicData.map(({ topic, partitions }) => ({
            topic,
            partitions: partitions.map(({ messages, ...rest }) => ({
              ...rest,
              messages: Array<(typeof messages)[]>(times + 1)
                .fill([messages])
                .flat(2),
            })),
          }));
          const [plain, packed] = [0, codec].map((compression) =>
            encodeProduce({ ...params, topicData, compression }),
          );
          const [first] = topicData;
          // Behind the request's head, the topic's name, and the number, the size and the head of its first batch.
          if (first && first.partitions.length > 0)
            codecs.add(packed![12 + 6 + Buffer.byteLength(first.topic) + 8 + 22]! & 7);
          expect(packed!.length).toBeLessThanOrEqual(plain!.length);
          expect(await read(packed!)).toEqual(await read(plain!));
        }),
        { numRuns: 60 },
      );
      expect([...codecs].filter((seen) => seen > 0)).toEqual([codec]);
    },
    30_000,
  );

  it('R13: packs no record that stands alone because of its size, and none that is too small to gain', async () => {
    const sizeOf = (size: number, compression: number) => {
      const messages = [{ key: 'k', value: Buffer.alloc(size) }];
      const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
      return encodeProduce({ acks: -1, timeout: 1, compression, topicData }).length;
    };
    for (const size of [1, 1000, MOST_PACKED_BYTES]) expect(sizeOf(size, 3)).toBe(sizeOf(size, 0));
    expect(sizeOf(900_000, 3)).toBeLessThan(5000);
  });

  it('leaves transactions, other compression and messages with a time to the client', () => {
    const plain = { acks: -1, timeout: 1, topicData: [] };
    const timed = { topic: 't', partitions: [{ partition: 0, messages: [{ value: '', timestamp: '5' }] }] };
    expect(isPlain(plain)).toBe(true);
    expect(isPlain({ ...plain, transactionalId: 't' })).toBe(false);
    expect(isPlain({ ...plain, compression: 1 })).toBe(false);
    expect(isPlain({ ...plain, compression: 3 })).toBe(true);
    expect(isPlain({ ...plain, topicData: [timed] })).toBe(false);
  });
});

it('crc32c knows the check value of the algorithm', () => {
  expect(crc32c(Buffer.from('-123456789-'), 1, 10)).toBe(0xe3069283);
});
