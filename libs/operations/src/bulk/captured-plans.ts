import { viewTables, type Connection, type TablePlan } from '@tributary/capture';
import { fatal } from '@tributary/kernel';
import type { OperationContext } from '../context';
import { readNotes } from '../read-notes';
import { chosenPlans } from '../snapshots/start';

/**
 * The tables that are meant. Throws a fatal SyncError when one is not captured, since its changes beside the load would be missed,
 * or when nothing of one is to be published now.
 */
export async function capturedPlans(
  connection: Connection,
  context: OperationContext,
  table: string | undefined,
): Promise<readonly TablePlan[]> {
  const { servers, log } = context;
  const plans = await chosenPlans(connection, context, table);
  const names = plans.map(({ settings }) => settings.table);
  const views = await viewTables(connection, servers.config);
  const bare = names.filter((name) => !views.get(name)?.captured);
  if (bare.length > 0)
    throw fatal(
      'SNAPSHOT',
      `No changes of ${bare.join(', ')} are captured, so those beside a load would be missed: run tributary capture install first.`,
    );
  const paused = await readNotes(servers, log, (notes) => notes.of('paused'));
  const held = paused.filter((note) => note.target === undefined && names.includes(note.table));
  if (held.length > 0)
    throw fatal(
      'SNAPSHOT',
      `Nothing of ${held.map((note) => note.table).join(', ')} is published while it is paused: run tributary resume first, or load other tables.`,
    );
  return plans;
}
