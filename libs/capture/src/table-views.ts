import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno, mysqlErrno } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import type { Connection } from 'mysql2/promise';
import { mysqlError } from './connect';
import { inspectTables, type TablePlan } from './describe';
import { readTriggers } from './existing-triggers';
import { quoteTable } from './identifiers';
import { isMissing } from './not-installed';
import { isLost, select } from './query';
import { rowEvents } from './trigger-sql';

/** A captured table as it is now. */
export interface TableView {
  readonly plan: TablePlan;
  /** Whether its own triggers stand on it: not so when the table was exchanged for another of the same name. */
  readonly captured: boolean;
}

/** MariaDB's information_schema may answer with a lock wait where a session waits for none. */
const LOOKS = 4;
const LOOK_AGAIN_MS = 50;

/** The tables of the sync file that are there and usable, by `database.table`; not those that `suspended` says. */
export async function viewTables(
  connection: Connection,
  config: SyncConfig,
  suspended: (table: string) => boolean = () => false,
): Promise<Map<string, TableView>> {
  for (let look = 1; ; look += 1) {
    try {
      return await viewOnce(connection, config, suspended);
    } catch (error) {
      if (look === LOOKS || !hasErrno(error, mysqlErrno.LOCK_WAIT_TIMEOUT)) throw error;
      await sleep(LOOK_AGAIN_MS);
    }
  }
}

async function viewOnce(
  connection: Connection,
  config: SyncConfig,
  suspended: (table: string) => boolean,
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

/**
 * Those of the tables that the server does not say are gone. MariaDB's information_schema leaves out a table that a
 * statement has locked for itself (an ALTER at its end, a CREATE TRIGGER) when the session's `lock_wait_timeout` is over.
 */
export async function notGone(connection: Connection, tables: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const table of tables) {
    try {
      await select(connection, `SELECT 1 FROM ${quoteTable(table)} LIMIT 0`);
      found.add(table);
    } catch (error) {
      if (isLost(error)) throw mysqlError(error);
      if (!isMissing(error)) found.add(table);
    }
  }
  return found;
}
