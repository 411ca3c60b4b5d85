import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { BUCKETS } from './bucket';

const BYTES = BUCKETS / 8;

/** A set of buckets as a text, which takes some bytes while they are few, and 11 KB at most. */
export function bucketSetText(buckets: Iterable<number>): string {
  const bits = Buffer.alloc(BYTES);
  for (const bucket of buckets) bits[bucket >> 3]! |= 1 << (bucket & 7);
  return deflateRawSync(bits).toString('base64');
}

export interface BucketSet {
  readonly size: number;
  has(bucket: number): boolean;
}

/** The way back. Throws an Error for another text. */
export function bucketSet(text: string): BucketSet {
  const bits = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: BYTES });
  if (bits.length !== BYTES) throw new RangeError('not a set of buckets');
  const has = (bucket: number) => (bits[bucket >> 3]! & (1 << (bucket & 7))) !== 0;
  let size = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) if (has(bucket)) size += 1;
  return { size, has };
}
