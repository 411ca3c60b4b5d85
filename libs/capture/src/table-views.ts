import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { inspectTables, type TablePlan } from './describe';
import { readTriggers } from './existing-triggers';
import { rowEvents } from './trigger-sql';

/** A captured table as it is now. */
export interface TableView {
  readonly plan: TablePlan;
  /** Whether its own triggers stand on it: not so when the table was exchanged for another of the same name. */
  readonly captured: boolean;
}

/** The tables of the sync file that are there and usable, by `database.table`; not those that `suspended` says. */
export async function viewTables(
  connection: Connection,
  config: SyncConfig,
  suspended: (table: string) => boolean = () => false,
): Promise<Map<string, TableView>> {
  const { plans } = await inspectTables(connection, config);
  const { own } = await readTriggers(connection, config.captureSchema);
  const standing = new Set(own.filter(({ moved }) => !moved).map(({ table, event }) => `${event} ${table}`));
  return new Map(
    plans
      .filter(({ settings }) => !suspended(settings.table))
      .map((plan) => {
        const { table } = plan.settings;
        return [table, { plan, captured: rowEvents.every((event) => standing.has(`${event} ${table}`)) }];
      }),
  );
}
