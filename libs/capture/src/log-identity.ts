import type { Connection } from 'mysql2/promise';
import { relayState, snapshotJobs } from './capture-tables';
import type { LogIdentity, LogState } from './epoch';
import { LeaseLostError, type Lease } from './lease';
import { insertMarker } from './marker';
import { execute, select } from './query';

/** Offsets after the last record that was acknowledged, by partition of the topic of changes. */
export type TopicEnds = ReadonlyMap<number, bigint>;

export interface StoredLog extends LogState {
  /** Up to where the topic holds what this log said; `null` when no leader, or not every one, kept it. */
  readonly published: TopicEnds | null;
  /** Rows were being read by their keys when that was stored: images on the topic may differ from the log's. */
  readonly rereading: boolean;
  /** When and why the epoch last rose above versions that could not be trusted; UTC milliseconds. */
  readonly raised: { readonly atMs: number; readonly reason: string } | null;
}

interface StateRow {
  readonly pipeline: string | null;
  readonly incarnation: string | null;
  readonly announced: string | null;
  readonly epoch: number;
  readonly highId: string;
  readonly tracked: number;
  readonly published: string | null;
  readonly raisedAt: string | null;
  readonly raisedReason: string | null;
}

/** The text of the column `published`. */
export const publishedText = (ends: TopicEnds, rereading: boolean) =>
  JSON.stringify({
    ends: Object.fromEntries([...ends].map(([partition, end]) => [partition, String(end)])),
    ...(rereading && { rereading }),
  });

function parsePublished(text: string | null): { ends: TopicEnds; rereading: boolean } | null {
  if (text === null) return null;
  const { ends, rereading = false } = JSON.parse(text) as {
    ends: Record<string, string>;
    rereading?: boolean;
  };
  return {
    ends: new Map(Object.entries(ends).map(([partition, end]) => [Number(partition), BigInt(end)])),
    rereading,
  };
}

/** What the capture schema knows of its log, with a fresh id by a marker. Call while holding the lead. */
export async function readStoredLog(
  connection: Connection,
  captureSchema: string,
  lease: Lease,
): Promise<StoredLog> {
  const [row] = await select<StateRow>(
    connection,
    `SELECT pipeline, incarnation, announced, epoch, high_id AS \`highId\`, tracked_lease = lease AS tracked, published,
       ROUND(UNIX_TIMESTAMP(raised_at) * 1000) AS \`raisedAt\`, raised_reason AS \`raisedReason\`
     FROM ${relayState(captureSchema)} WHERE shard = ? AND lease = ?`,
    [lease.shard, lease.counter],
  );
  if (!row) throw new LeaseLostError(lease.shard);
  const published = Number(row.tracked) === 1 ? parsePublished(row.published) : null;
  return {
    pipeline: row.pipeline,
    incarnation: row.incarnation,
    announced: row.announced,
    epoch: Number(row.epoch),
    highId: BigInt(row.highId),
    freshId: await insertMarker(connection, captureSchema),
    published: published?.ends ?? null,
    rereading: published?.rereading ?? false,
    raised: row.raisedAt === null ? null : { atMs: Number(row.raisedAt), reason: row.raisedReason ?? '' },
  };
}

export interface Settlement {
  readonly identity: LogIdentity;
  /** The incarnation that Kafka knows now, `null` when it knows none. */
  readonly announced: string | null;
  /** The topic as it was compared with the log. */
  readonly ends: TopicEnds;
  /** All tables that are to be loaded when the epoch has risen. */
  readonly tables: readonly string[];
}

/**
 * Stores the identity, and with a rise the load of every table in the same transaction: no crash can lose it. Throws
 * LeaseLostError when another process leads by now; then nothing is stored.
 */
export async function storeIdentity(
  connection: Connection,
  captureSchema: string,
  lease: Lease,
  { identity, announced, ends, tables }: Settlement,
): Promise<void> {
  const { pipeline, incarnation, epoch, raised } = identity;
  await execute(connection, 'START TRANSACTION');
  try {
    const { affectedRows } = await execute(
      connection,
      `UPDATE ${relayState(captureSchema)} SET pipeline = ?, incarnation = ?, announced = ?, epoch = ?,
         published = ?, tracked_lease = lease, updated_at = UTC_TIMESTAMP(6)
         ${raised === null ? '' : ', high_id = 0, raised_at = UTC_TIMESTAMP(6), raised_reason = ?'}
       WHERE shard = ? AND lease = ?`,
      [
        ...[pipeline, incarnation, announced, epoch, publishedText(ends, false)],
        ...(raised === null ? [] : [raised]),
        ...[lease.shard, lease.counter],
      ],
    );
    if (affectedRows === 0) throw new LeaseLostError(lease.shard);
    if (raised !== null) await queueLoads(connection, captureSchema, epoch, tables);
    await execute(connection, 'COMMIT');
  } catch (error) {
    await execute(connection, 'ROLLBACK').catch(() => {});
    throw error;
  }
}

/** A load of the relay that is open under an older epoch begins anew under this one, and needs no second one. */
async function queueLoads(
  connection: Connection,
  captureSchema: string,
  epoch: number,
  tables: readonly string[],
): Promise<void> {
  const jobs = snapshotJobs(captureSchema);
  const open = await select<{ name: string }>(
    connection,
    `SELECT table_name AS name FROM ${jobs} WHERE engine = 'node' AND where_sql IS NULL AND state IN ('queued', 'running')
       AND (marker_id IS NULL OR epoch <> ?)`,
    [epoch],
  );
  const queued = new Set(open.map(({ name }) => name));
  for (const table of tables.filter((name) => !queued.has(name)))
    await execute(connection, `INSERT INTO ${jobs} (table_name, created_at) VALUES (?, UTC_TIMESTAMP(6))`, [
      table,
    ]);
}

/** Notes that Kafka holds the identity, acknowledged. */
export async function storeAnnounced(
  connection: Connection,
  captureSchema: string,
  lease: Lease,
  incarnation: string,
): Promise<void> {
  await execute(
    connection,
    `UPDATE ${relayState(captureSchema)} SET announced = ? WHERE shard = ? AND lease = ?`,
    [incarnation, lease.shard, lease.counter],
  );
}

/** Notes that the topic holds nothing up to these ends but what this log said. */
export async function storePublished(
  connection: Connection,
  captureSchema: string,
  lease: Lease,
  published: string,
): Promise<void> {
  await execute(
    connection,
    `UPDATE ${relayState(captureSchema)} SET published = ? WHERE shard = ? AND lease = ?`,
    [published, lease.shard, lease.counter],
  );
}
