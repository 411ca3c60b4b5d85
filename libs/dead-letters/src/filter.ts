import { namePattern } from '@tributary/kernel';
import type { DeadLetter } from './dead-letter';

/** Which dead letters are meant; what is not given does not matter. */
export interface DeadLetterFilter {
  readonly reason?: string;
  /** A name, or a pattern with `*`; `null`: those that name none. */
  readonly table?: string | null;
  /** `null`: those that name none. */
  readonly column?: string | null;
  /** The table is a name, whatever it holds. */
  readonly exact?: boolean;
  readonly stage?: string;
  readonly since?: Date;
  readonly until?: Date;
}

export function fits({ code, table, column, stage, at }: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.reason === undefined || code.toUpperCase() === filter.reason.toUpperCase()) &&
    (filter.table === undefined || isTable(table, filter.table, filter.exact)) &&
    (filter.column === undefined || column === filter.column) &&
    (filter.stage === undefined || stage === filter.stage) &&
    (filter.since === undefined || Date.parse(at) >= filter.since.getTime()) &&
    // What has no time is not newer than any.
    (filter.until === undefined || !(Date.parse(at) >= filter.until.getTime()))
  );
}

function isTable(table: string | null, wanted: string | null, exact = false): boolean {
  if (exact || wanted === null || table === null) return table === wanted;
  return namePattern(wanted).test(table);
}
