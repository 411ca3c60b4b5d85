import fc from 'fast-check';
// @ts-expect-error kafkajs has no types for its inside
import Batch from 'kafkajs/src/consumer/batch.js';
import { CompressionTypes } from 'kafkajs';
import { canPack, pack } from './codecs';
import { DamagedBatch } from './damaged-batch';
import { readFetchAnswer } from './fetch-answer';
import { answer, batchOf, placed, sealed } from './fetched.fixture';
import { at } from './stored-batch';

describe('R11: a damaged batch', () => {
  const good = placed(batchOf([{ key: 'a', value: 'first' }]), { offset: 7n, flags: 0, time: 5n });
  const messages = Array.from({ length: 40 }, (_, nth) => ({
    key: `key ${nth}`,
    value: `value number ${nth} `.repeat(5),
    headers: { v: `${nth}`, more: ['x', 'y'] },
  }));
  const place = { offset: 8n, flags: 0, time: 5n };
  const whole = placed(batchOf(messages), place);
  const packed = placed(batchOf(messages, CompressionTypes.LZ4), place);
  // Node.js has it from 22.15 on.
  const zstd = canPack(CompressionTypes.ZSTD) && placed(batchOf(messages, CompressionTypes.ZSTD), place);
  const every = [whole, packed, ...(zstd ? [zstd] : [])];
  const changed = (of: Buffer, change: (bytes: Buffer) => unknown, seal = true) => {
    const copy = Buffer.from(of);
    change(copy);
    return seal ? sealed(copy) : copy;
  };
  const repacked = (records: Buffer) =>
    sealed(Buffer.concat([packed.subarray(0, at.records), pack(CompressionTypes.LZ4, records)]));
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
    ...(zstd
      ? ([
          ['a Zstandard frame cut off', sealed(Buffer.from(zstd.subarray(0, -9))), /compression 4/],
          [
            'no Zstandard frame',
            changed(zstd, (b) => b.fill(0, at.records, at.records + 4)),
            /compression 4/,
          ],
        ] satisfies [string, Buffer, RegExp][])
      : []),
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
    for (const stored of every) {
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
    for (const stored of every)
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
