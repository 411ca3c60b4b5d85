/** Doubling delay with +-20 % jitter, so that copies of a service do not knock at the same instant. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const delay = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(delay * (0.8 + Math.random() * 0.4));
}
