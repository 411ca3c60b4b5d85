/** Bytes of images that are held at once; a larger row comes alone (R13). */
const PORTION_BYTES = 4 << 20;

/** How many rows in a row are within the bound together. */
export function* portions(sizes: readonly number[]): Generator<number> {
  let [count, bytes] = [0, 0];
  for (const size of sizes) {
    if (count > 0 && bytes + size > PORTION_BYTES) {
      yield count;
      [count, bytes] = [0, 0];
    }
    count += 1;
    bytes += size;
  }
  if (count > 0) yield count;
}
