import { fatal } from '@tributary/change-event';
import {
  planUsable,
  suspensionOf,
  type Connection,
  type SkippedTable,
  type Suspension,
  type TablePlan,
} from '@tributary/capture';
import type { SyncConfig } from '@tributary/sync-config';
import type { LeftOut } from './misfits';

/** Whether `--table` (a name, or a pattern with `*`) means a table; nothing means all. */
export function matchesTable(wanted: string | undefined, table: string): boolean {
  if (wanted === undefined) return true;
  const parts = wanted.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(table);
}

/** The tables that `--table` names: those that can be read, and those that are left out with the reasons (R15). */
export interface ChosenTables {
  readonly plans: readonly TablePlan[];
  readonly suspended: readonly Suspension[];
}

/**
 * Throws a sentence that lists the tables when `--table` names none, or says why when all that it names are suspended.
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
