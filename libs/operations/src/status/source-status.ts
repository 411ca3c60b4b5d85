import { captureRows, planUsable, readOldestParked, type Connection } from '@tributary/capture';
import type { SyncConfig } from '@tributary/sync-config';
import { parkedTables } from '../pauses/pause-state';
import { estimatedRows } from '../tables/source-facts';
import { identityOf } from './identity-status';

const MOST_PENDING = 100_000;

/** What the source tells of the tables, the log and the snapshots. */
export async function sourceFacts(connection: Connection, config: SyncConfig) {
  const usable = await planUsable(connection, config);
  const { plans } = usable.plan;
  const pending = await captureRows(
    connection,
    config.captureSchema,
    (table) =>
      `SELECT s.table_name AS name, COUNT(*) AS events, TIMESTAMPDIFF(MICROSECOND, MIN(e.at), UTC_TIMESTAMP(6)) / 1e6 AS seconds
       FROM (SELECT shape_id, at FROM ${table('change_log')} ORDER BY id LIMIT ${MOST_PENDING}) AS e
       JOIN ${table('table_shape')} AS s ON s.id = e.shape_id GROUP BY s.table_name`,
  );
  const snapshots = await captureRows(
    connection,
    config.captureSchema,
    (table) =>
      `SELECT table_name AS name, state, rows_done AS done, rows_estimated AS total,
         IF(state IN ('running', 'queued'), waits_for, NULL) AS waits FROM ${table('snapshot_job')}
       WHERE id IN (SELECT MAX(id) FROM ${table('snapshot_job')} GROUP BY table_name)`,
  );
  const parked = await parkedTables(connection, config.captureSchema);
  const ages =
    parked.length > 0 ? await readOldestParked(connection, config.captureSchema) : new Map<string, number>();
  return {
    identity: await identityOf(connection, config.captureSchema),
    usable,
    parked,
    /** What waits aside, by table. */
    late: new Map(
      parked.map(({ table, entries }) => [table, { events: entries, seconds: ages.get(table) ?? 0 }]),
    ),
    tables: plans.map(({ schema }) => schema.table),
    rows: await estimatedRows(connection, plans),
    pending: new Map(
      pending.map((row) => [
        String(row['name']),
        { events: Number(row['events']), seconds: Math.max(0, Number(row['seconds'])) },
      ]),
    ),
    snapshots: new Map(
      snapshots.map((row) => [
        String(row['name']),
        {
          state: String(row['state']),
          rowsDone: Number(row['done']),
          rowsTotal: Number(row['total'] ?? row['done']),
          waitsFor: row['waits'] as string | null,
        },
      ]),
    ),
  };
}
