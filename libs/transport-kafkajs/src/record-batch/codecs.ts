import { gunzipSync } from 'node:zlib';
import { errorText, fatal } from '@tributary/kernel';
import type { Compression } from '@tributary/sync-config';
import { CompressionTypes } from 'kafkajs';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
// @ts-expect-error snappyjs has no types; `unsnap` below says what is used of it
import { uncompress } from 'snappyjs';
import { packZstd, unpackZstd } from './zstd';

/**
 * What the records of one batch may take unpacked (R13). Our own batches hold a million bytes at most, or one record of
 * MAX_RECORD_BYTES, which is not compressed; one that unpacks to more than this is no batch but a bomb.
 */
export const MAX_UNPACKED_BYTES = 64 * 2 ** 20;

type Unpack = (packed: Buffer, most: number) => Buffer;

/** By the number in a batch's attributes; what each writes between the records' count and the batch's end. */
const unpackers: Record<number, Unpack> = {
  [CompressionTypes.GZIP]: (packed, most) => gunzipSync(packed, { maxOutputLength: most }),
  [CompressionTypes.Snappy]: unpackSnappy,
  [CompressionTypes.LZ4]: unpackLz4,
  [CompressionTypes.ZSTD]: unpackZstd,
};

/** The codecs that `unpack` knows. */
export const READABLE: readonly number[] = Object.keys(unpackers).map(Number);

/** The records of a compressed batch. Throws an Error when the bytes are no such thing, or hold more than `most`. */
export function unpack(codec: number, packed: Buffer, most = MAX_UNPACKED_BYTES): Buffer {
  const unpacker = unpackers[codec];
  if (!unpacker) throw new Error(`compression ${codec} is unknown`);
  try {
    return unpacker(packed, most);
  } catch (error) {
    // A library's RangeError would end the client's consumer for good.
    throw new Error(`records of compression ${codec} cannot be unpacked: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/**
 * By codec. Measured with a row of 600 bytes, 85 in a batch: LZ4 80 bytes, 0.5 us to pack and 0.8 to unpack; Zstandard 44
 * bytes, 0.6 and 0.6; gzip 56 bytes, 3.7 to pack. Readers of LZ4 are the more common ones.
 */
const packers: Record<number, ((records: Buffer) => Buffer) | undefined> = {
  [CompressionTypes.LZ4]: (records) => compressFrameSync(records),
  [CompressionTypes.ZSTD]: packZstd,
};

/** Whether `pack` writes this codec here. */
export const canPack = (codec: number): boolean => packers[codec] !== undefined;

/** Records as a batch holds them with this codec. Throws an Error where that is not to be had. */
export function pack(codec: number, records: Buffer): Buffer {
  const packer = packers[codec];
  if (!packer) throw new Error(`nothing is written with compression ${codec}`);
  return packer(records);
}

/** Kafka's number of a compression. Throws a SyncError `fatal` when this Node.js does not have it. */
export function codecOf(compression: Compression): CompressionTypes {
  const codec = {
    none: CompressionTypes.None,
    lz4: CompressionTypes.LZ4,
    zstd: CompressionTypes.ZSTD,
  }[compression];
  if (codec !== CompressionTypes.None && !canPack(codec))
    throw fatal(
      'COMPRESSION',
      `topics.compression is ${compression}, which Node.js has from 22.15 on, and this is ${process.version}: start it with a newer one, or write topics.compression: lz4.`,
    );
  return codec;
}

/** Of an LZ4 frame (github.com/lz4/lz4, lz4_Frame_format.md): its magic number, and the flags of the byte behind it. */
const LZ4_MAGIC = 0x184d2204;
const LZ4_BLOCK_CHECKSUMS = 0x10;
const LZ4_CONTENT_SIZE = 0x08;
const LZ4_DICTIONARY = 0x01;
/** A byte of a compressed block says 255 bytes at most. */
const LZ4_MOST_TIMES = 255;

function unpackLz4(packed: Buffer, most: number): Buffer {
  if (lz4Bound(packed) > most) throw tooLarge(most);
  return decompressFrameSync(packed);
}

/** What a frame can hold at most, by the sizes of its blocks: the library allocates without asking. */
function lz4Bound(frame: Buffer): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('no LZ4 frame');
  const flags = frame[4]!;
  const largest = 2 ** (8 + 2 * ((frame[5]! >> 4) & 7));
  const behind = flags & LZ4_BLOCK_CHECKSUMS ? 4 : 0;
  let at = 7 + (flags & LZ4_CONTENT_SIZE ? 8 : 0) + (flags & LZ4_DICTIONARY ? 4 : 0);
  let bound = 0;
  while (at + 4 <= frame.length) {
    const size = frame.readUInt32LE(at) & 0x7fff_ffff;
    if (size === 0) break;
    bound += Math.min(largest, size * LZ4_MOST_TIMES);
    at += 4 + size + behind;
  }
  return bound;
}

/** The framing of xerial's snappy-java, which Kafka's Java client writes; others write one block without it. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const XERIAL_HEAD = 16;

function unpackSnappy(packed: Buffer, most: number): Buffer {
  const unsnap = uncompress as (block: Buffer, most: number) => Buffer;
  if (!packed.subarray(0, XERIAL.length).equals(XERIAL)) return unsnap(packed, most);
  const pieces: Buffer[] = [];
  let left = most;
  for (let at = XERIAL_HEAD; at < packed.length;) {
    const end = at + 4 + packed.readInt32BE(at);
    if (end <= at + 4 || end > packed.length) throw new Error('a block of Snappy is cut short');
    const piece = unsnap(packed.subarray(at + 4, end), left);
    left -= piece.length;
    pieces.push(piece);
    at = end;
  }
  return Buffer.concat(pieces);
}

const tooLarge = (most: number) => new Error(`the records take more than ${most} bytes unpacked`);
