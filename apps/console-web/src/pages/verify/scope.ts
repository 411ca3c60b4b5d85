import type { VerificationSummary } from '@tributary/console-api';

const repairs = { none: '', plan: ', repair tried dry', do: ', with repair' } as const;

/** What a verification was asked for, in words. */
export const scopeOf = ({
  table,
  target,
  repair,
}: Pick<VerificationSummary, 'table' | 'target' | 'repair'>) =>
  `${table ?? 'every table'} in ${target ?? 'every target'}${repairs[repair]}`;
