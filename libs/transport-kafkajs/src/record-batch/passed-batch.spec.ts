import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import Decoder from 'kafkajs/src/protocol/decoder.js';
// @ts-expect-error kafkajs has no types for its inside
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';
import { CompressionTypes, type Message } from 'kafkajs';
import { crc32c } from '../crc32c';
import { encodeProduce } from '../produce-request';
import { SendQueue, type Pending } from '../send-queue';
import { mendMissingCodecs } from '../patches/missing-codecs';
import { canPack } from './codecs';
import { BatchMessage, wholeBatch } from './passed-batch';
import { at, LOG_APPEND_TIME, StoredBatch } from './stored-batch';

const HEAD = 27;
const { None, LZ4, ZSTD } = CompressionTypes;
// Node.js has Zstandard from 22.15 on.
const codecs = [None, LZ4, ...(canPack(ZSTD) ? [ZSTD] : [])];
const request = (messages: Message[], more = {}) =>
  encodeProduce({
    ...{ acks: -1, timeout: 1, compression: 3, ...more },
    topicData: [{ topic: 't', partitions: [{ partition: 0, firstSequence: 41, messages }] }],
  });
const stored = (messages: Message[], compression = 3) => {
  const bytes = Buffer.from(request(messages, { compression, producerId: 7 }).subarray(HEAD));
  // As the broker keeps it.
  bytes.writeBigInt64BE(1234n, at.baseOffset);
  bytes.writeInt16BE(bytes.readInt16BE(at.attributes) | LOG_APPEND_TIME, at.attributes);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes, bytes.length), at.crc);
  return new StoredBatch(bytes);
};
const read = async (body: Buffer) => {
  const decoder = new Decoder(body.subarray(HEAD - 4));
  return (await decodeMessages(decoder)) as {
    key: Buffer;
    value: Buffer | null;
    headers: object;
    batchContext: object;
  }[];
};
const bytes = fc.uint8Array({ maxLength: 90 }).map((content) => Buffer.from(content));
const message = fc.record({
  key: bytes,
  value: fc.option(bytes),
  headers: fc.dictionary(
    fc.string().filter((name) => !(name in {})),
    bytes,
    { maxKeys: 3 },
  ),
});

describe('a batch that is passed on', () => {
  beforeAll(mendMissingCodecs);

  it('holds the same records, packed as they came, and is ours: producer, epoch, sequence, checksum', async () => {
    const messages = fc.array(message, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(messages, fc.constantFrom(...codecs), async (sent, compression) => {
        const batch = stored(sent as Message[], compression);
        const placeholders = Array<Message>(batch.count).fill(new BatchMessage(batch, 0));
        const body = request(placeholders, { producerId: '99', producerEpoch: 3 });
        const ours = new StoredBatch(body.subarray(HEAD));
        // Checks the checksum, too.
        expect(ours.records()).toHaveLength(sent.length);
        expect(ours.bytes.subarray(at.records).equals(batch.bytes.subarray(at.records))).toBe(true);
        const [one] = await read(body);
        expect(one!.batchContext).toMatchObject({
          ...{ producerId: '99', producerEpoch: 3, firstSequence: 41, firstOffset: '0', timestampType: 0 },
          lastOffsetDelta: sent.length - 1,
        });
        const plain = (of: { key: Buffer; value: Buffer | null; headers: object }[]) =>
          of.map(({ key, value, headers }) => ({ key, value, headers }));
        expect(plain((await read(body)) as never)).toEqual(plain(sent as never));
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  const many = (count: number) =>
    Array.from({ length: count }, (_, nth) => ({ key: `${nth}`, value: `value ${nth}` }));

  it('is whole, of no transaction, and large enough for a request of its own', () => {
    const batch = stored(many(30));
    const records = batch.records();
    const others = stored(many(30)).records();
    expect(wholeBatch([...others, ...records], 30)).toBe(batch);
    expect(wholeBatch(records, 1)).toBeUndefined();
    expect(wholeBatch(records.slice(0, -1), 0)).toBeUndefined();
    expect(wholeBatch([...records.filter((_, nth) => nth !== 7), ...others], 0)).toBeUndefined();
    expect(wholeBatch(stored(many(5)).records(), 0)).toBeUndefined();
    for (const flags of [0x10, 0x20]) {
      const other = stored(many(30));
      other.bytes.writeInt16BE(other.attributes | flags, at.attributes);
      expect(new StoredBatch(other.bytes).isPassable).toBe(false);
    }
    const holed = stored(many(30));
    holed.bytes.writeInt32BE(40, at.lastOffsetDelta);
    expect(holed.isPassable).toBe(false);
  });

  it('R3: one batch or records a partition and request; what waits lets others pass, and order stays', () => {
    const batch = stored(many(20));
    const item = fc.oneof(
      fc.nat(3).map((partition) => ({ partition, batch })),
      fc.nat(3).map((partition) => ({ partition, key: null, value: 'x' })),
      fc.constant({ key: 'k', value: 'x' }),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 40 }), (items) => {
        const queue = new SendQueue();
        void queue.add('t', items).done.catch(() => undefined);
        const taken: Pending[][] = [];
        while (!queue.isEmpty) taken.push(queue.take());
        for (const chunk of taken) {
          expect(chunk.length).toBeGreaterThan(0);
          const of = (partition: number) => chunk.filter((one) => one.message.partition === partition);
          const batches = (from: Pending[]) =>
            from.filter((one) => one.message instanceof BatchMessage).length;
          for (const partition of [0, 1, 2, 3])
            if (batches(of(partition)) > 0) expect(of(partition)).toHaveLength(1);
          if (chunk.some((one) => one.message.partition === undefined)) expect(batches(chunk)).toBe(0);
        }
        const all = taken.flat();
        expect(all).toHaveLength(items.length);
        const keyed = (one: Pending) => one.message.partition === undefined;
        for (const partition of [0, 1, 2, 3]) {
          const order = all
            .filter((one) => one.message.partition === partition || keyed(one))
            .map((one) => one.index);
          expect(order).toEqual([...order].sort((a, b) => a - b));
        }
      }),
      { numRuns: 200 },
    );
  });
});
