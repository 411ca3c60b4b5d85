import { captureStatus, installCapture, type TableOutcome } from '@tributary/capture';
import type { OperationContext } from '../context';
import { chosenNames } from '../tables/chosen-tables';

export interface CaptureRepair {
  readonly tables: readonly TableOutcome[];
  /** Tables whose changes may have been missed meanwhile. */
  readonly missed: readonly string[];
}

/** Replaces the triggers of the tables that have drifted. */
export async function repairCapture(
  { servers, note, signal }: OperationContext,
  { table: wanted }: { readonly table?: string | undefined },
): Promise<CaptureRepair> {
  const connection = await servers.mysql();
  const found = await captureStatus(connection, servers.config);
  const names = new Set(
    chosenNames(
      found.map(({ table }) => table),
      wanted,
    ),
  );
  const drifted = found.filter(
    ({ table, state, home }) =>
      names.has(table) &&
      state !== 'ok' &&
      !['orphan', 'copied'].includes(state) &&
      (state !== 'moved' || home !== undefined),
  );
  const tables = [...new Set(drifted.map(({ table, home }) => home ?? table))];
  signal?.throwIfAborted();
  const outcomes = tables.length
    ? (await installCapture(connection, servers.config, { tables, onWaiting: note })).tables
    : [];
  const missed = drifted.filter(({ state }) => ['missing', 'stale', 'moved'].includes(state));
  return { tables: outcomes, missed: [...new Set(missed.map(({ table, home }) => home ?? table))] };
}
