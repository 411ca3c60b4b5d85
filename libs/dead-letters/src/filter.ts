import { namePattern } from '@tributary/kernel';
import type { DeadLetter } from './dead-letter';

/** Which dead letters are meant; what is not given does not matter. */
export interface DeadLetterFilter {
  readonly reason?: string;
  /** A name, or a pattern with `*`. */
  readonly table?: string;
  readonly column?: string;
  readonly stage?: string;
  readonly since?: Date;
  readonly until?: Date;
}

export function fits({ code, table, column, stage, at }: DeadLetter, filter: DeadLetterFilter): boolean {
  return (
    (filter.reason === undefined || code === filter.reason.toUpperCase()) &&
    (filter.table === undefined || (table !== null && namePattern(filter.table).test(table))) &&
    (filter.column === undefined || column === filter.column) &&
    (filter.stage === undefined || stage === filter.stage) &&
    (filter.since === undefined || Date.parse(at) >= filter.since.getTime()) &&
    (filter.until === undefined || Date.parse(at) < filter.until.getTime())
  );
}
