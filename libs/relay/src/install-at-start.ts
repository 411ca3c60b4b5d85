import { captureStatus, installCapture, missedTables, type Connection } from '@tributary/capture';
import { endDataSource } from '@tributary/capture-store';
import type { JobStore, RelayContext } from './ports';

/**
 * Installs capture. Tables that had drifted while no relay watched them are loaded again; those that were never loaded
 * are left to the leader. Gives what is worth a warning.
 */
export async function installAtStart(
  { env, log }: Pick<RelayContext, 'env' | 'log'>,
  connection: Connection,
  { source, jobs }: JobStore,
): Promise<readonly string[]> {
  const { config } = env;
  const found = (await captureStatus(connection, config))
    .map((status) => ({ status, loads: missedTables(status, config) }))
    .filter(({ loads }) => loads.length > 0);
  const { notes } = await installCapture(connection, config, {
    onWaiting: (sentence) => log.warn({ event: 'capture-waits' }, sentence),
    // The leader's drift watch goes on with it, and loads the table then.
    onFailure: (table, { message }) =>
      log.error(
        { event: 'drift-not-mended', tables: [table] },
        `capture of ${table} could not be installed yet: ${message}`,
      ),
  });
  if (found.length === 0) return notes;
  await source.initialize();
  try {
    const loaded = new Set(
      (await jobs.list()).filter(({ where }) => where === null).map(({ table }) => table),
    );
    for (const table of new Set(found.flatMap(({ loads }) => loads))) {
      if (!loaded.has(table)) continue;
      await jobs.reload(table);
      const details = found.filter(({ loads }) => loads.includes(table)).map(({ status }) => status);
      log.warn(
        { event: 'drift', table },
        `${details.map(({ detail }) => detail).join(' ')} It was repaired, and the table is loaded again.`,
      );
    }
  } finally {
    await endDataSource(source);
  }
  return notes;
}
