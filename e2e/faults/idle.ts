import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Topics } from './topics';

/** How long nothing may be waiting before the pipeline counts as idle. */
const QUIET_MS = 1_500;

/**
 * Waits until nothing waits anywhere: no entry in the log, no load under way, no lag of a consumer group. Rejects
 * when the backlog has not become smaller for `stallMs`, naming where it stands.
 */
export async function untilIdle(
  options: { readonly url: string; readonly captureSchema: string; readonly topics: Topics },
  stallMs: number,
): Promise<void> {
  const { url, captureSchema, topics } = options;
  let least = Infinity;
  let movedAt = Date.now();
  let quietSince: number | undefined;
  for (;;) {
    const waiting = { ...(await sourceBacklog(url, captureSchema)), ...(await topics.lag()) };
    const sum = Object.values(waiting).reduce((total, count) => total + count, 0);
    if (sum > 0) quietSince = undefined;
    else if (Date.now() - (quietSince ??= Date.now()) >= QUIET_MS) return;
    if (sum < least) [least, movedAt] = [sum, Date.now()];
    if (sum > 0 && Date.now() - movedAt > stallMs)
      throw new Error(`The pipeline stands still: ${JSON.stringify(waiting)} for ${stallMs / 1000} s.`);
    await sleep(250);
  }
}

async function sourceBacklog(url: string, captureSchema: string): Promise<{ log: number; loads: number }> {
  const connection = await createConnection({ uri: url, database: captureSchema });
  try {
    const [[row]] = await connection.query<RowDataPacket[]>(
      `SELECT (SELECT COUNT(*) FROM change_log) AS log,
        (SELECT COUNT(*) FROM snapshot_job WHERE state IN ('queued', 'running')) AS loads`,
    );
    return { log: Number(row!['log']), loads: Number(row!['loads']) };
  } finally {
    await connection.end();
  }
}
