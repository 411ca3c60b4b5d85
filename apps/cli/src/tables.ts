import { fatal } from '@tributary/change-event';
import { describeTables, type Connection, type TablePlan } from '@tributary/capture';
import type { SyncConfig } from '@tributary/sync-config';

/** Whether `--table` (a name, or a pattern with `*`) means a table; nothing means all. */
export function matchesTable(wanted: string | undefined, table: string): boolean {
  if (wanted === undefined) return true;
  const parts = wanted.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(table);
}

/** The plans of the tables that `--table` names; throws a sentence that lists the tables when it names none. */
export async function chosenPlans(
  connection: Connection,
  config: SyncConfig,
  wanted: string | undefined,
): Promise<TablePlan[]> {
  const plans = await describeTables(connection, config);
  const chosen = plans.filter(({ schema }) => matchesTable(wanted, schema.table));
  if (chosen.length === 0)
    throw noSuchTable(
      wanted,
      plans.map(({ schema }) => schema.table),
    );
  return chosen;
}

export const noSuchTable = (wanted: string | undefined, known: readonly string[]) =>
  fatal('TABLE', `${wanted} is no table of the sync file: use one of ${known.join(', ')}.`);
