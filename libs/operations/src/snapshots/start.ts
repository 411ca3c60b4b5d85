import { fatal, slowWait } from '@tributary/kernel';
import { quoteTable, tableHolders, type Connection, type TablePlan } from '@tributary/capture';
import type { StartedJob } from '@tributary/snapshot';
import type { OperationContext } from '../context';
import { chosenTables } from '../tables/chosen-tables';
import { withJobs } from './with-jobs';

export interface SnapshotInput {
  readonly table?: string | undefined;
  /** Only the rows for which this SQL is true. */
  readonly where?: string | undefined;
  /** Snapshots of lower priority wait while one of higher is open. */
  readonly priority?: number | undefined;
}

/** Queues a snapshot of every table that is meant; nothing is queued unless the server takes every table and the condition. */
export async function startSnapshots(
  context: OperationContext,
  { table, where, priority }: SnapshotInput,
): Promise<readonly StartedJob[]> {
  const { servers, note } = context;
  const connection = await servers.mysql();
  const plans = await chosenPlans(connection, context, table);
  const tables = plans.map(({ schema }) => schema.table);
  return withJobs(servers, (jobs) =>
    slowWait(jobs.startAll(tables, where ?? null, priority ?? 0), async (seconds) => {
      const holders = await tableHolders(connection, tables.length === 1 ? tables[0]! : '.');
      note(`waiting for ${seconds} s for MySQL to explain the query, ${holders}`);
    }),
  );
}

/** A table that is not there is refused in the server's own words as well. */
export async function chosenPlans(
  connection: Connection,
  { servers, note, signal }: OperationContext,
  table: string | undefined,
): Promise<readonly TablePlan[]> {
  try {
    const { plans } = await chosenTables(connection, servers.config, table, note);
    signal?.throwIfAborted();
    return plans;
  } catch (error) {
    if (!table?.includes('.') || table.includes('*')) throw error;
    const words = await connection.query(`SELECT 1 FROM ${quoteTable(table)} LIMIT 0`).then(
      () => null,
      (refusal: Error) => refusal.message.replace(/\.$/, ''),
    );
    if (words === null) throw error;
    throw fatal('SNAPSHOT', `${(error as Error).message} The server says: ${words}.`, error);
  }
}
