import { readingPlan } from '@tributary/capture';
import type { OperationContext } from '../context';
import { matchesTable, noSuchTable } from '../tables/chosen-tables';

export type ReadingPlan = Awaited<ReturnType<typeof readingPlan>>;

/** How another program reads the rows of the captured tables. Throws a sentence that lists the tables when none is meant. */
export async function capturePlan(
  { servers }: OperationContext,
  { table: wanted }: { readonly table?: string | undefined },
): Promise<ReadingPlan> {
  const found = await readingPlan(await servers.mysql(), servers.config, (table) =>
    matchesTable(wanted, table),
  );
  if (found.tables.length + found.suspended.length + found.skipped.length === 0)
    throw noSuchTable(wanted, servers.config.tablePatterns);
  return found;
}
