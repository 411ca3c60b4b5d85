import { captureStatus, installCapture } from '@tributary/capture';
import type { OperationContext } from '../context';
import { chosenNames } from '../tables/chosen-tables';
import { refuseForeignPlaces } from './foreign-places';

export type CaptureInstallation = Awaited<ReturnType<typeof installCapture>>;

/** Installs capture for the tables that are meant; a second run changes nothing. */
export async function install(
  context: OperationContext,
  { table }: { readonly table?: string | undefined },
): Promise<CaptureInstallation> {
  const { servers, note, signal } = context;
  await refuseForeignPlaces(context, table);
  const connection = await servers.mysql();
  const known = (await captureStatus(connection, servers.config)).map((status) => status.table);
  const tables = table === undefined ? undefined : chosenNames(known, table);
  signal?.throwIfAborted();
  return installCapture(connection, servers.config, { ...(tables && { tables }), onWaiting: note });
}
