import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno, mysqlErrno, transient } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { changeLog, relayState } from './capture-tables';
import { execute, select } from './query';

/** Ids from here on have more digits than a version holds. */
export const ID_LIMIT = 10n ** 15n;

/** Writers queue behind a waiting lock, so each try is short and the pauses let them pass. */
const TRIES = 20;
const PAUSE_MS = 500;

/**
 * Gives the entries whose ids no version can hold new ones, in their order, behind all that was ever acknowledged, and
 * takes the log's counter back to them. Somebody must have written such an id into the log by hand, or an older
 * version's triggers let a session do so. The log is locked meanwhile, which waits for every transaction that has an
 * entry in it. Throws a SyncError `retry` when it cannot be had, or when an epoch must be decided anew.
 */
export async function lowerLogCounter(
  connection: Connection,
  captureSchema: string,
  shard: number,
): Promise<void> {
  const log = changeLog(captureSchema);
  const [state] = await select<{ high: string }>(
    connection,
    `SELECT CAST(high_id AS CHAR) AS high FROM ${relayState(captureSchema)} WHERE shard = ?`,
    [shard],
  );
  const high = BigInt(state?.high ?? 0);
  await execute(connection, 'SET SESSION lock_wait_timeout = 1');
  try {
    await lockLog(connection, log);
    const [last] = await select<{ id: string }>(
      connection,
      `SELECT CAST(IFNULL(MAX(id), 0) AS CHAR) AS id FROM ${log} WHERE id < ${ID_LIMIT}`,
    );
    const base = high < ID_LIMIT && high > BigInt(last!.id) ? high : BigInt(last!.id);
    await execute(connection, `SET @tributary_id = ${base}`);
    const { affectedRows } = await execute(
      connection,
      `UPDATE ${log} SET id = (@tributary_id := @tributary_id + 1) WHERE id >= ${ID_LIMIT} ORDER BY id`,
    );
    await execute(connection, `ALTER TABLE ${log} AUTO_INCREMENT = ${base + BigInt(affectedRows) + 1n}`);
  } finally {
    await execute(connection, 'UNLOCK TABLES').catch(() => {});
    await execute(connection, 'SET SESSION lock_wait_timeout = DEFAULT').catch(() => {});
  }
  if (high >= ID_LIMIT)
    throw transient(
      'CAPTURE',
      `The ids of ${captureSchema}.change_log had left the range of versions and were taken back: the epoch is decided anew.`,
    );
}

async function lockLog(connection: Connection, log: string): Promise<void> {
  for (let left = TRIES; ; left -= 1) {
    try {
      await execute(connection, `LOCK TABLES ${log} WRITE`);
      return;
    } catch (error) {
      if (!hasErrno(error, mysqlErrno.LOCK_WAIT_TIMEOUT)) throw error;
      if (left <= 1)
        throw transient(
          'BUSY',
          `Ids of ${log} have left the range of versions (somebody has set them), and the log cannot be locked to take them back, because a transaction with changes of captured tables stays open: end it.`,
          error,
        );
      await sleep(PAUSE_MS);
    }
  }
}
