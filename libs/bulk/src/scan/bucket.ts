/** Buckets that entries are dealt to by their names. */
export const BUCKETS = 1 << 16;

/** FNV-1a over the UTF-16 units, folded: spreads names that count up, and takes a fraction of what a digest does. */
export function bucketOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    if (unit > 0xff) hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1);
}
