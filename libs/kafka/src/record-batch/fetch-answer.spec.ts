import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import client from 'kafkajs/src/protocol/requests/fetch/index.js';
// @ts-expect-error kafkajs has no types for its inside
import Batch from 'kafkajs/src/consumer/batch.js';
import { crc32c } from '../crc32c';
import { encodeProduce, type ProduceParams } from '../produce-request';
import type { InRecord } from '../records';
import { allCodecs, pack } from './codecs';
import { DamagedBatch } from './damaged-batch';
import { readFetchAnswer } from './fetch-answer';
import { at } from './stored-batch';

type Messages = ProduceParams['topicData'][number]['partitions'][number]['messages'];

const theirs = (body: Buffer, version: number): Promise<Parameters<typeof plain>[0]> =>
  client.protocol({ version })({ topics: [] }).response.decode(body);

const fill = (length: number, write: (bytes: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
};
const int16 = (value: number) => fill(2, (bytes) => bytes.writeInt16BE(value));
const int32 = (value: number) => fill(4, (bytes) => bytes.writeInt32BE(value));
const int64 = (value: bigint) => fill(8, (bytes) => bytes.writeBigInt64BE(value));

const batchOf = (messages: Messages, compression = 0): Buffer => {
  const partitions = [{ partition: 0, messages }];
  const topicData = [{ topic: 't', partitions }];
  // Behind the head of the request, its one topic and the number and size of its one partition.
  return encodeProduce({ acks: -1, timeout: 1, compression, producerId: 77, topicData }).subarray(27);
};

/** With the checksum that belongs to it. */
function sealed(batch: Buffer): Buffer {
  batch.writeInt32BE(batch.length - at.leaderEpoch, at.length);
  batch.writeUInt32BE(crc32c(batch, at.attributes, batch.length), at.crc);
  return batch;
}

interface Placed {
  readonly offset: bigint;
  readonly flags: number;
  readonly time: bigint;
}

/** A batch as a broker stores it: it writes the offset, and with log append time the time. */
function placed(batch: Buffer, { offset, flags, time }: Placed): Buffer {
  const copy = Buffer.from(batch);
  copy.writeBigInt64BE(offset, at.baseOffset);
  copy.writeInt16BE(copy.readInt16BE(at.attributes) | flags, at.attributes);
  copy.writeBigInt64BE(time, at.maxTime);
  return sealed(copy);
}

function answer(
  version: number,
  sets: readonly Buffer[],
  aborted: readonly bigint[] = [],
  error = 0,
): Buffer {
  const partitions = sets.flatMap((set, partition) => [
    ...[int32(partition), int16(error), int64(1_000_000n), int64(999_999n)],
    ...(version >= 5 ? [int64(3n)] : []),
    ...[int32(aborted.length || -1), ...aborted.flatMap((first) => [int64(77n), int64(first)])],
    ...(version >= 11 ? [int32(-1)] : []),
    ...[int32(set.length), set],
  ]);
  const topic = [int16(5), Buffer.from('topic'), int32(sets.length)];
  const head = version >= 7 ? [int16(0), int32(9)] : [];
  return Buffer.concat([int32(25), ...head, int32(1), ...topic, ...partitions]);
}

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
  beforeAll(allCodecs);

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

describe('R11: a damaged batch', () => {
  const good = placed(batchOf([{ key: 'a', value: 'first' }]), { offset: 7n, flags: 0, time: 5n });
  const messages = Array.from({ length: 40 }, (_, nth) => ({
    key: `key ${nth}`,
    value: `value number ${nth} `.repeat(5),
    headers: { v: `${nth}`, more: ['x', 'y'] },
  }));
  const place = { offset: 8n, flags: 0, time: 5n };
  const whole = placed(batchOf(messages), place);
  const packed = placed(batchOf(messages, 3), place);
  const changed = (of: Buffer, change: (bytes: Buffer) => unknown, seal = true) => {
    const copy = Buffer.from(of);
    change(copy);
    return seal ? sealed(copy) : copy;
  };
  const repacked = (records: Buffer) =>
    sealed(Buffer.concat([packed.subarray(0, at.records), pack(3, records)]));
  const records = whole.subarray(at.records);

  const damages: [string, Buffer, RegExp][] = [
    ['a changed byte', changed(whole, (b) => (b[b.length - 5]! ^= 1), false), /checksum/],
    ['a changed byte of packed records', changed(packed, (b) => (b[b.length - 9]! ^= 1), false), /checksum/],
    ['another checksum', changed(whole, (b) => (b[at.crc]! ^= 1), false), /checksum/],
    ['no known format', changed(whole, (b) => (b[at.magic] = 77), false), /format is 77/],
    ['a length that is none', changed(whole, (b) => b.writeInt32BE(3, at.length), false), /length is 3/],
    ['a negative length', changed(whole, (b) => b.writeInt32BE(-5, at.length), false), /length is -5/],
    ['too few records', changed(whole, (b) => b.writeInt32BE(41, at.count)), /too early/],
    ['too many records', changed(whole, (b) => b.writeInt32BE(39, at.count)), /another number/],
    ['a negative number of records', changed(whole, (b) => b.writeInt32BE(-1, at.count)), /another number/],
    ['a record longer than the batch', changed(whole, (b) => b.fill(0x7f, at.records, at.records + 1)), /.+/],
    [
      'a number of too many bytes',
      changed(whole, (b) => b.fill(0xff, at.records, at.records + 12)),
      /too many bytes/,
    ],
    [
      'fewer offsets than records',
      changed(whole, (b) => b.writeInt32BE(3, at.lastOffsetDelta)),
      /out of order/,
    ],
    ['records cut off', sealed(Buffer.from(whole.subarray(0, -30))), /too early/],
    ['a frame cut off', sealed(Buffer.from(packed.subarray(0, -30))), /.+/],
    ['no frame', changed(packed, (b) => b.fill(0, at.records, at.records + 4)), /LZ4/],
    ['an unknown compression', changed(whole, (b) => b.writeInt16BE(6, at.attributes)), /compression 6/],
    ['packed records cut off', repacked(records.subarray(0, -3)), /too early/],
    [
      'bytes behind the packed records',
      repacked(Buffer.concat([records, Buffer.alloc(2)])),
      /another number/,
    ],
  ];

  it.each(damages)(
    '%s: the records before it come, it is told, and nothing behind it comes',
    (_, bad, why) => {
      const body = answer(11, [Buffer.concat([good, bad, good])]);
      const { messages: read, highWatermark } = readFetchAnswer(body, 11)!.responses[0]!.partitions[0]!;
      expect(String(read[0]!.value)).toBe('first');
      expect(read).toHaveLength(2);
      const damaged = read[1] as DamagedBatch;
      expect(damaged).toBeInstanceOf(DamagedBatch);
      expect(damaged.error).toMatchObject({ kind: 'retry', code: 'DAMAGED_BATCH' });
      expect(damaged.error.message).toMatch(why);
      expect(damaged.error.message).toContain('at offset 8 of topic/0');
      expect(() => damaged.value).toThrow('cannot be read');
      // The client takes it for something that has still to be worked on, wherever it stands.
      for (const from of ['7', '8', '30', String(BigInt(highWatermark) - 1n)]) {
        const seen = new Batch('topic', from, {
          partition: 0,
          highWatermark,
          messages: read,
          abortedTransactions: [],
        });
        expect(seen.messages.at(-1)).toBe(damaged);
      }
    },
  );

  it('never reads other records than were sent, whatever bytes change', () => {
    for (const stored of [whole, packed]) {
      const sent = new Map(messages.map(({ key, value }, nth) => [String(8 + nth), `${key}=${value}`]));
      fc.assert(
        fc.property(
          fc.integer({ min: at.leaderEpoch, max: stored.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          (byte, flip) => {
            const body = answer(11, [changed(stored, (b) => (b[byte]! ^= flip), false)]);
            const read = readFetchAnswer(body, 11)?.responses[0]!.partitions[0]!.messages ?? [];
            for (const record of read)
              if (!(record instanceof DamagedBatch))
                expect(`${String(record.key)}=${String(record.value)}`).toBe(sent.get(record.offset));
          },
        ),
        { numRuns: 150, endOnFailure: true },
      );
    }
  });
  it('that says it holds what it does not, behind a right checksum, is an error and never a crash', () => {
    for (const stored of [whole, packed])
      fc.assert(
        fc.property(
          fc.integer({ min: at.attributes, max: stored.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          (byte, flip) => {
            const body = answer(11, [changed(stored, (b) => (b[byte]! ^= flip))]);
            const read = readFetchAnswer(body, 11)!.responses[0]!.partitions[0]!.messages;
            for (const record of read)
              if (record instanceof DamagedBatch) expect(record.error.code).toBe('DAMAGED_BATCH');
              else void [record.key, record.value, record.headers, record.offset, record.timestamp];
          },
        ),
        { numRuns: 200, endOnFailure: true },
      );
  });
});
