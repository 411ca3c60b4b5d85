import type { DeadLetterGroup } from '@tributary/console-api';

/** What names the letters of a group to the console. */
export const filterOf = ({ code, table, column }: DeadLetterGroup) => ({
  code,
  table: table ?? undefined,
  column: column ?? undefined,
});

/**
 * How many letters a group's filter takes: also those of other groups of the same code, where this one names no table or
 * no column, or another stage rejected them.
 */
export function lettersTaken(group: DeadLetterGroup, groups: readonly DeadLetterGroup[]): number {
  const { code, table, column } = group;
  return groups
    .filter((other) => other.code === code)
    .filter((other) => table === null || other.table === table)
    .filter((other) => column === null || other.column === column)
    .reduce((total, other) => total + other.count, 0);
}
