import { fatal, namePattern } from '@tributary/kernel';
import {
  planUsable,
  suspensionOf,
  type Connection,
  type SkippedTable,
  type Suspension,
  type TablePlan,
} from '@tributary/capture';
import { type SyncConfig } from '@tributary/sync-config';
import type { LeftOut } from './misfits';

/** Whether a name, or a pattern with `*`, means a table; nothing means all. */
export const matchesTable = (wanted: string | undefined, table: string): boolean =>
  wanted === undefined || namePattern(wanted).test(table);

/** The tables that are chosen: those that can be read, and those that are left out with the reasons (R15). */
export interface ChosenTables {
  readonly plans: readonly TablePlan[];
  readonly suspended: readonly Suspension[];
}

/**
 * Throws a sentence that lists the tables when none is meant, or says why when all that it names are suspended.
 * What of a pattern is left out is told by `note`.
 */
export async function chosenTables(
  connection: Connection,
  config: SyncConfig,
  wanted: string | undefined,
  note: (sentence: string) => void,
): Promise<ChosenTables> {
  const usable = await planUsable(connection, config);
  const plans = usable.plan.plans.filter(({ schema }) => matchesTable(wanted, schema.table));
  const faults = usable.faults.filter(({ table }) => matchesTable(wanted, table));
  if (plans.length === 0)
    throw faults.length > 0
      ? fatal('TABLE', faults.map(({ message }) => message).join('\n  '))
      : noSuchTable(
          wanted,
          usable.plan.plans.map(({ schema }) => schema.table),
        );
  const suspended = faults.map(suspensionOf);
  for (const sentence of leftOut(
    suspended,
    usable.skipped.filter(({ table }) => matchesTable(wanted, table)),
  ))
    note(sentence);
  return { plans, suspended };
}

/** The names that are meant. Throws a sentence that lists all when none is. */
export function chosenNames(known: readonly string[], wanted: string | undefined): string[] {
  const names = known.filter((table) => matchesTable(wanted, table));
  if (names.length === 0) throw noSuchTable(wanted, known);
  return names;
}

/** A sentence for each table of the sync file that is not captured. */
export const leftOut = (
  suspended: readonly LeftOut[],
  skipped: readonly Pick<SkippedTable, 'reason'>[],
): string[] => [
  ...suspended.map(
    ({ table, code, reason, remedy }) => `${table} is suspended (${code}): ${reason} ${remedy}`,
  ),
  ...skipped.map(({ reason }) => `Not captured: ${reason}`),
];

export const noSuchTable = (wanted: string | undefined, known: readonly string[]) =>
  fatal('TABLE', `${wanted} is no table of the sync file: use one of ${known.join(', ')}.`);
