import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
// @ts-expect-error snappyjs has no types
import { compress } from 'snappyjs';
import { canPack, codecOf, pack, unpack } from './codecs';
import { unpackZstdAnywhere } from './zstd';

const [GZIP, SNAPPY, LZ4, ZSTD] = [1, 2, 3, 4];
const snap = (bytes: Buffer) => (compress as (bytes: Buffer) => Buffer)(bytes);

/** As snappy-java frames its output: blocks of 32 KiB, each with its length. */
function xerial(bytes: Buffer): Buffer {
  const pieces: Uint8Array[] = [
    Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
  ];
  for (let at = 0; at < bytes.length; at += 32_768) {
    const block = snap(bytes.subarray(at, at + 32_768));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    pieces.push(length, block);
  }
  return Buffer.concat(pieces);
}

/** A frame of raw blocks: the form of Zstandard (RFC 8878, 3.1.1) that needs no compressor. */
function zstd(bytes: Buffer): Buffer {
  const pieces: Uint8Array[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58])];
  for (let at = 0; at <= bytes.length; at += 100_000) {
    const block = bytes.subarray(at, at + 100_000);
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | Number(at + 100_000 > bytes.length), 0, 3);
    pieces.push(head, block);
  }
  return Buffer.concat(pieces);
}

type Unpack = (packed: Buffer, most?: number) => Buffer;
const by =
  (codec: number): Unpack =>
  (packed, most) =>
    unpack(codec, packed, most);
/** As `unpack` does with errors of a library. */
const anywhere: Unpack = (packed, most = 2 ** 26) => {
  try {
    return unpackZstdAnywhere(packed, most);
  } catch (error) {
    throw new Error(String(error), { cause: error });
  }
};

const written: [string, (bytes: Buffer) => Buffer, Unpack][] = [
  ['gzip', gzipSync, by(GZIP!)],
  ['Snappy without framing', snap, by(SNAPPY!)],
  ['Snappy', xerial, by(SNAPPY!)],
  ['LZ4', (bytes) => pack(LZ4!, bytes), by(LZ4!)],
  [
    'LZ4 with checksums',
    (bytes) => compressFrameSync(bytes, { contentChecksum: true, blockChecksums: true }),
    by(LZ4!),
  ],
  ['Zstandard of raw blocks', zstd, by(ZSTD!)],
  ['Zstandard of raw blocks, without help from Node.js', zstd, anywhere],
];
// Node.js has it from 22.15 on; `codecOf` says so below.
if (canPack(ZSTD!))
  written.push(
    ['Zstandard', (bytes) => pack(ZSTD!, bytes), by(ZSTD!)],
    ['Zstandard, without help from Node.js', (bytes) => pack(ZSTD!, bytes), anywhere],
  );

const contents = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 300_000 }))
    .map(([text, size]) => Buffer.alloc(size, text)),
);

describe.each(written)('%s', (_, packed, unpacked) => {
  it('is unpacked', () => {
    fc.assert(
      fc.property(contents, (bytes) => {
        expect(unpacked(packed(bytes)).equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('R13: is refused before it takes more memory than it may', () => {
    const bomb = packed(Buffer.alloc(30 * 2 ** 20));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => unpacked(bomb, 2 ** 20)).toThrow();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 2 ** 20);
    expect(unpacked(bomb, 31 * 2 ** 20)).toHaveLength(30 * 2 ** 20);
  });

  it('R11: when damaged, gives an error or other bytes, and never ends the process', () => {
    const whole = packed(Buffer.from('some records, '.repeat(500)));
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        (at, change, cut) => {
          const damaged = cut ? whole.subarray(0, at) : Buffer.from(whole);
          if (!cut) damaged[at]! ^= change;
          try {
            expect(unpacked(damaged, 2 ** 20)).toBeInstanceOf(Buffer);
          } catch (error) {
            expect((error as Error).name).toBe('Error');
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('R11: a compression that nobody knows is an error', () => {
  expect(() => unpack(5, deflateRawSync('x'))).toThrow('compression 5 is unknown');
});

it('what the sync file calls a compression is one that can be written, or an error that says what to do', () => {
  expect([codecOf('none'), codecOf('lz4')]).toEqual([0, LZ4]);
  if (canPack(ZSTD!)) expect(codecOf('zstd')).toBe(ZSTD);
  else expect(() => codecOf('zstd')).toThrow(/from 22\.15 on, and this is v20.*topics\.compression: lz4/);
});
