import { byteLength } from '@tributary/transport';
import type { StoredRecord } from './record-batch/stored-record';

/** How much of a partition goes into a round at most. */
export interface SliceBounds {
  readonly records: number;
  /** Of the values; one record is taken however large it is. */
  readonly bytes: number;
  /** A batch of so many records or fewer is not cut although it has more than the other bounds say. */
  readonly wholeBatch: number;
}

/**
 * Where the next slice of what was fetched ends, from `start` on: not in the middle of a batch that would fit into a slice of
 * its own, so that it can be passed on as it stands.
 */
export function sliceEnd(all: readonly StoredRecord[], start: number, bounds: SliceBounds): number {
  let bytes = 0;
  let end = start;
  while (end < all.length && end - start < bounds.records) {
    bytes += byteLength(all[end]!.value);
    if (bytes > bounds.bytes && end > start) break;
    end += 1;
  }
  if (end === all.length) return end;
  const { batch } = all[end]!;
  let border = end;
  while (border > start && all[border - 1]!.batch === batch) border -= 1;
  if (border > start) return border;
  let whole = end;
  while (whole < all.length && all[whole]!.batch === batch) whole += 1;
  return whole - start <= bounds.wholeBatch ? whole : end;
}
