// @ts-expect-error kafkajs has no types for its inside; `Codecs` below says what is used of it
import compression from 'kafkajs/src/protocol/message/compression/index.js';
import { pack, READABLE, unpack } from '../record-batch/codecs';

/** The client's codecs, by the number in a batch's attributes. */
type Codecs = Record<number, () => object>;

/**
 * kafkajs 2.2.4 knows Snappy, LZ4 and Zstandard by name only, and unpacks gzip whatever memory that takes (R13). It has
 * ours now, for what it reads and writes by itself.
 */
export function mendMissingCodecs(): void {
  const { Codecs } = compression as { Codecs: Codecs };
  for (const codec of READABLE)
    Codecs[codec] = () => ({
      compress: async ({ buffer }: { buffer: Buffer }) => pack(codec, buffer),
      decompress: async (packed: Buffer) => unpack(codec, packed),
    });
}
