import { captureStatus, uninstallCapture } from '@tributary/capture';
import { parkedTables } from '../pauses/pause-state';
import type { OperationContext } from '../context';
import { chosenNames } from '../tables/chosen-tables';

export interface UninstallInput {
  readonly table?: string | undefined;
  /** Drop the capture schema as well, with the changes that are still in it. */
  readonly all?: boolean | undefined;
}

/** Removes our triggers; the tables and their rows stay. */
export async function uninstall(
  { servers, note, signal }: OperationContext,
  { table: wanted, all }: UninstallInput,
): ReturnType<typeof uninstallCapture> {
  const connection = await servers.mysql();
  const known = (await captureStatus(connection, servers.config)).map(({ table }) => table);
  const tables = wanted === undefined ? undefined : chosenNames(known, wanted);
  signal?.throwIfAborted();
  const parked = all ? await parkedTables(connection, servers.config.captureSchema) : [];
  const result = await uninstallCapture(connection, servers.config, {
    ...(tables && { tables }),
    ...(all && { all: true }),
    onWaiting: note,
  });
  if (result.schemaDropped)
    for (const { table, entries } of parked)
      note(`${entries} changes of ${table} that waited since it was paused are dropped as well.`);
  return result;
}
