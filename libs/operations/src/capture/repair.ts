import {
  captureStatus,
  repairTarget,
  installCapture,
  isMendable,
  missedTables,
  type TableOutcome,
} from '@tributary/capture';
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
    (status) => names.has(status.table) && (isMendable(status) || status.state === 'suspended'),
  );
  const tables = [...new Set(drifted.map(repairTarget))];
  signal?.throwIfAborted();
  const outcomes = tables.length
    ? (await installCapture(connection, servers.config, { tables, onWaiting: note })).tables
    : [];
  const missed = new Set(drifted.flatMap((status) => missedTables(status, servers.config)));
  return { tables: outcomes, missed: [...missed] };
}
