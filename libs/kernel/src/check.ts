/** One precondition of one server, and whether it holds. */
export interface Check {
  /** `mysql`, `kafka`, `services`, or the name of a target. */
  readonly server: string;
  /** A short name, stable. */
  readonly check: string;
  /** `fail`: changes are lost, refused or held up; `warn`: it works, and is slower or less safe than it could be. */
  readonly level: 'pass' | 'warn' | 'fail';
  /** What is the case. */
  readonly sentence: string;
  /** What to do; `null` where nothing is to be done. */
  readonly fix: string | null;
  /** `database.table`, when it is about one. */
  readonly table?: string;
}

/** Makes the checks of one server. */
export const checksOf = (server: string) => ({
  pass: (check: string, sentence: string): Check => ({ server, check, level: 'pass', sentence, fix: null }),
  warn: (check: string, sentence: string, fix: string): Check => ({
    server,
    check,
    level: 'warn',
    sentence,
    fix,
  }),
  fail: (check: string, sentence: string, fix: string): Check => ({
    server,
    check,
    level: 'fail',
    sentence,
    fix,
  }),
});

/** Clocks may differ by this before times on dashboards mislead; versions stand on no clock. */
const MOST_SKEW_MS = 2_000;

/** Compares a server's clock with ours; `asked` and `answered` bound the time at which it was read. */
export function clockCheck(server: string, serverMs: number, asked: number, answered: number): Check {
  const skew = serverMs < asked ? serverMs - asked : serverMs > answered ? serverMs - answered : 0;
  const made = checksOf(server);
  return Math.abs(skew) <= MOST_SKEW_MS
    ? made.pass('clock', 'Its clock agrees with the one here.')
    : made.warn(
        'clock',
        `Its clock is ${(Math.abs(skew) / 1000).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} the one here, so lag in seconds is wrong by as much.`,
        'Let both machines follow the same time server (NTP).',
      );
}
