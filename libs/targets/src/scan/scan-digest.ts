import { createHash, hash } from 'node:crypto';
import type { EntryName, ExpectedEntry } from './target-scan';

/** SHA-256 of texts and bytes one after the other, none of which is copied. */
export function scanDigest(...pieces: readonly (string | Uint8Array)[]): Buffer {
  // At once takes half the time, and most contents are one piece.
  if (pieces.length === 1) return hash('sha256', pieces[0]!, 'buffer');
  const sum = createHash('sha256');
  for (const piece of pieces) sum.update(piece);
  return sum.digest();
}

/** The entries of a row that a target cannot hold, and why. */
export const impossible = (names: readonly EntryName[], reason: string): ExpectedEntry[] =>
  names.map((name) => ({ ...name, digest: scanDigest(`impossible ${reason}`) }));

/** The name of a row that can have none. */
export const nameless = (keyJson: string): EntryName => ({ list: 0, name: `impossible ${keyJson}` });
