import * as zlib from 'node:zlib';
import { Decompress } from 'fzstd';

/** What Node.js has from 22.15 on. */
const { zstdCompressSync, zstdDecompressSync } = zlib as {
  zstdCompressSync?: (bytes: Buffer, options: { params: Record<number, number> }) => Buffer;
  zstdDecompressSync?: (bytes: Buffer, options: { maxOutputLength: number }) => Buffer;
};

/** ZSTD_c_compressionLevel (zstd.h). Level 3 took a third more time and made nothing smaller. */
const FASTEST = { params: { 100: 1 } };

/** As a Zstandard frame (RFC 8878); `undefined` where this Node.js has none. */
export const packZstd = zstdCompressSync && ((bytes: Buffer) => zstdCompressSync(bytes, FASTEST));

/** Throws an Error when the bytes are no such frame, or hold more than `most`. */
export const unpackZstd = (packed: Buffer, most: number): Buffer =>
  zstdDecompressSync
    ? zstdDecompressSync(packed, { maxOutputLength: most })
    : unpackZstdAnywhere(packed, most);

/** The same without help from Node.js. */
export function unpackZstdAnywhere(packed: Buffer, most: number): Buffer {
  const pieces: Uint8Array[] = [];
  let left = most;
  new Decompress((piece) => {
    left -= piece.length;
    if (left < 0) throw new Error(`they hold more than ${most} bytes`);
    pieces.push(piece);
  }).push(packed, true);
  return Buffer.concat(pieces);
}
