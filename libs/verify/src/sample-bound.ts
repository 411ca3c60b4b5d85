/** How sure a statement about the whole from a sample is meant to be. */
export const SURE = 0.95;

/**
 * The share of all rows that differ at most, with 95 % certainty, when `differing` of `rows` rows taken by chance do:
 * the exact (Clopper-Pearson) upper bound of a binomial share. 1 when nothing was looked at.
 */
export function differingShare(rows: number, differing: number): number {
  if (differing >= rows) return 1;
  let [low, high] = [differing / rows, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (atMost(rows, differing, middle) > 1 - SURE) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability that at most `count` of `rows` rows are met, each with probability `share`. */
function atMost(rows: number, count: number, share: number): number {
  let sum = 0;
  let logBinomial = 0;
  for (let met = 0; met <= count; met += 1) {
    if (met > 0) logBinomial += Math.log((rows - met + 1) / met);
    sum += Math.exp(logBinomial + met * Math.log(share) + (rows - met) * Math.log1p(-share));
  }
  return sum;
}
