import { gzipSync } from 'node:zlib';
// @ts-expect-error kafkajs has no types for its inside
import { lookupCodec } from 'kafkajs/src/protocol/message/compression/index.js';
// @ts-expect-error snappyjs has no types
import { compress } from 'snappyjs';
import { MAX_UNPACKED_BYTES, pack, READABLE } from '../record-batch/codecs';
import { mendMissingCodecs } from './missing-codecs';

const [GZIP, SNAPPY, LZ4, ZSTD] = [1, 2, 3, 4];
const text = Buffer.from('some records, '.repeat(500));
const unpacked = (codec: number | undefined, packed: Buffer): Promise<Buffer> =>
  lookupCodec(codec).decompress(packed);

it('still needed: the client lacks codecs, and unpacks gzip without bounds', async () => {
  for (const codec of [SNAPPY, LZ4, ZSTD]) expect(() => lookupCodec(codec)).toThrow('not implemented');
  const bomb = gzipSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1), { level: 1 });
  expect(await unpacked(GZIP, bomb)).toHaveLength(MAX_UNPACKED_BYTES + 1);

  mendMissingCodecs();
  expect(READABLE).toEqual([GZIP, SNAPPY, LZ4, ZSTD]);
  expect(await unpacked(GZIP, gzipSync(text))).toEqual(text);
  expect(await unpacked(SNAPPY, (compress as (bytes: Buffer) => Buffer)(text))).toEqual(text);
  expect(await unpacked(LZ4, pack(LZ4!, text))).toEqual(text);
  expect(await unpacked(LZ4, await lookupCodec(LZ4).compress({ buffer: text }))).toEqual(text);
  await expect(unpacked(ZSTD, text)).rejects.toThrow('compression 4 cannot be unpacked');
  await expect(unpacked(GZIP, bomb)).rejects.toThrow('compression 1 cannot be unpacked');
});
