import { sliceEnd } from './batch-slices';
import type { StoredRecord } from './record-batch/stored-record';

/** Records in batches of these sizes, each of so many bytes. */
const records = (sizes: readonly number[], bytes = 10) =>
  sizes.flatMap((size) => {
    const batch = {};
    return Array.from({ length: size }, () => ({ batch, value: Buffer.alloc(bytes) }));
  }) as unknown as readonly StoredRecord[];

function ends(all: readonly StoredRecord[], bounds: { records: number; bytes: number; wholeBatch?: number }) {
  const found: number[] = [];
  for (let at = 0; at < all.length;) found.push((at = sliceEnd(all, at, { wholeBatch: 0, ...bounds })));
  return found;
}

describe('slices of what was fetched', () => {
  it('end between batches, where one of them fits', () => {
    expect(ends(records([30, 30, 30]), { records: 70, bytes: Infinity })).toEqual([60, 90]);
    expect(ends(records([30, 30]), { records: 60, bytes: Infinity })).toEqual([60]);
  });

  it('cut a batch that is larger than they may be', () => {
    expect(ends(records([100, 30]), { records: 40, bytes: Infinity })).toEqual([40, 80, 100, 130]);
  });

  it('take a batch whole that may be, though it is larger', () => {
    const bounds = { records: 40, bytes: Infinity, wholeBatch: 100 };
    expect(ends(records([100, 30, 101]), bounds)).toEqual([100, 130, 170, 231]);
  });

  it('are bounded in bytes, but for one record', () => {
    expect(ends(records([4], 100), { records: 100, bytes: 250 })).toEqual([2, 4]);
    expect(ends(records([2], 1000), { records: 100, bytes: 250 })).toEqual([1, 2]);
  });
});
