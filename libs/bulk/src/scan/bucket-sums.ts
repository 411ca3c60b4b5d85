import { BUCKETS } from './bucket';

/** Words of 32 bits that are added of each digest: 128 bits, which no accident makes equal. */
const WORDS = 4;
const LANES = 1 + WORDS;

/** Bucket, number of entries, sums of the words of their digests. */
export type BucketSum = readonly number[];

/**
 * Adds up digests by bucket. Sums, unlike XOR, do not cancel what is there twice; those of 32-bit words are exact in a double
 * up to two million entries a bucket, and in Spark's BIGINT up to two billion.
 */
export class BucketSums {
  readonly #sums = new Float64Array(BUCKETS * LANES);

  add(bucket: number, digest: Buffer): void {
    const at = bucket * LANES;
    this.#sums[at]! += 1;
    for (let word = 0; word < WORDS; word += 1) this.#sums[at + 1 + word]! += digest.readUInt32LE(word * 4);
  }

  /** Of the buckets that hold something, in portions. */
  *portions(size: number): Generator<BucketSum[]> {
    let portion: BucketSum[] = [];
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const at = bucket * LANES;
      if (this.#sums[at] === 0) continue;
      portion.push([bucket, ...this.#sums.subarray(at, at + LANES)]);
      if (portion.length < size) continue;
      yield portion;
      portion = [];
    }
    if (portion.length > 0) yield portion;
  }
}
