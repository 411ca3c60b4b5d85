import { openMysql, type TablePlan } from '@tributary/capture';
import { ChunkReader, type KeyBound } from '@tributary/snapshot';
import type { RangeBounds } from './range-claim';

/**
 * The ranges of a table, in the order of its key and about `rows` rows each, from `lower` on to the table's end: found by walking
 * the key's index, so each has as many rows as the others, however the keys are spread. Abandoned when nobody takes more.
 */
export async function* planRanges(
  mysqlUrl: string,
  plan: TablePlan,
  rows: number,
  from: KeyBound = null,
): AsyncGenerator<RangeBounds> {
  const reader = new ChunkReader(() => openMysql(mysqlUrl), plan, null);
  try {
    let lower = from;
    do {
      const upper = await reader.upperBound(lower, rows);
      yield { lower, upper };
      lower = upper;
    } while (lower !== null);
  } finally {
    reader.close();
  }
}

/** A range is long beside the second that a worker takes to start, and short beside what a lost one costs. */
const RANGE_ROWS = { least: 20_000, most: 1_000_000 };
/** Ranges for each task that runs at a time, so that the last ones end together. */
const RANGES_A_SLOT = 4;

/** How many rows a range of a table of about `estimate` rows should have. */
export const rangeRows = (estimate: number, slots: number): number =>
  Math.min(RANGE_ROWS.most, Math.max(RANGE_ROWS.least, Math.ceil(estimate / (slots * RANGES_A_SLOT))));
