import { createHash } from 'node:crypto';

/** Buckets that keys are dealt to by their hash; 1 MiB in all, whatever the table holds (R13). */
const BUCKETS = 1 << 16;
const LANES = 4;

/**
 * A digest of a set of keys, in which the place of a difference can be found again: for each bucket the number of its
 * keys and the sum of 96 bits of their SHA-1. A sum, unlike XOR, does not cancel what is there twice.
 */
export class KeyDigest {
  readonly #sums = new Uint32Array(BUCKETS * LANES);

  add(key: string): void {
    const hash = sha1(key);
    const at = bucketOf(hash) * LANES;
    this.#sums[at]! += 1;
    for (let lane = 1; lane < LANES; lane += 1) this.#sums[at + lane]! += hash.readUInt32LE(lane * 4);
  }

  /** Tells for a key whether the two sets differ in its bucket; `undefined` when they differ nowhere. */
  differences(other: KeyDigest): ((key: string) => boolean) | undefined {
    const differing = new Set<number>();
    for (let at = 0; at < this.#sums.length; at += 1)
      if (this.#sums[at] !== other.#sums[at]) differing.add(Math.floor(at / LANES));
    return differing.size === 0 ? undefined : (key) => differing.has(bucketOf(sha1(key)));
  }
}

const sha1 = (text: string): Buffer => createHash('sha1').update(text).digest();
const bucketOf = (hash: Buffer): number => hash.readUInt16LE(0);
