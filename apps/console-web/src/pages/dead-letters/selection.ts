import type { DeadLetterGroup } from '@tributary/console-api';

/** What names the dead letters of a group to the console, and none that came after the newest that is shown. */
export function deadLettersOf({ code, table, column, stage, lastAt }: DeadLetterGroup) {
  const last = Date.parse(lastAt);
  const until = Number.isNaN(last) ? undefined : new Date(last + 1).toISOString();
  return { code, table, column, stage, until, exact: true };
}

/** Of the address of a page: all letters, or with a stage those of one group. */
export interface CauseSearch {
  readonly code?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly stage?: string | undefined;
}

export const searchOf = ({ code, table, column, stage }: DeadLetterGroup): CauseSearch => ({
  ...{ code, stage },
  table: table ?? undefined,
  column: column ?? undefined,
});

/** For the query of a call: of a group a name is no pattern, and what is empty stands for none. */
export function queryOf(search: CauseSearch) {
  if (search.stage === undefined) return search;
  return { ...search, table: search.table ?? '', column: search.column ?? '', exact: 'true' as const };
}
