import { transient } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { relayState } from './capture-tables';
import { execute, select } from './query';

/** Another process leads this shard now: step down, publish nothing more, and await the lease again. */
export class LeaseLostError extends Error {
  constructor(readonly shard: number) {
    super(`Another relay has taken over shard ${shard}: this one steps down and waits.`);
    this.name = 'LeaseLostError';
  }
}

/** The right to read and delete the log of one shard. */
export interface Lease {
  readonly shard: number;
  /** Rises with every taker; deletes carry it. */
  readonly counter: bigint;
}

/** A dead leader's lock is freed by the server after this many seconds without a word from it. */
const WAIT_TIMEOUT_SECONDS = 15;

/** Lower case, since MariaDB tells names apart by case, and at most 64 characters. */
export const leaseName = (captureSchema: string, shard: number) =>
  `tributary/${captureSchema.toLowerCase()}/${shard}`;

/**
 * Waits at most `waitSeconds` for the lead of a shard; `null` when another process holds it. The lock lives on this
 * connection: it ends with it, and by KILL or a closed socket at once.
 */
export async function takeLease(
  connection: Connection,
  captureSchema: string,
  shard: number,
  owner: string,
  waitSeconds = 0,
): Promise<Lease | null> {
  await execute(connection, `SET SESSION wait_timeout = ${WAIT_TIMEOUT_SECONDS}`);
  const [row] = await select<{ got: number | null }>(connection, 'SELECT GET_LOCK(?, ?) AS got', [
    leaseName(captureSchema, shard),
    waitSeconds,
  ]);
  if (Number(row!.got) !== 1) return null;
  const table = relayState(captureSchema);
  await execute(
    connection,
    `INSERT INTO ${table} (shard, lease, owner, updated_at) VALUES (?, 1, ?, UTC_TIMESTAMP(6))
     ON DUPLICATE KEY UPDATE tracked_lease = IF(tracked_lease = lease, lease + 1, tracked_lease),
       lease = lease + 1, owner = VALUES(owner), updated_at = VALUES(updated_at)`,
    [shard, owner.slice(0, 255)],
  );
  const [state] = await select<{ lease: string }>(connection, `SELECT lease FROM ${table} WHERE shard = ?`, [
    shard,
  ]);
  if (!state)
    throw transient('MYSQL', `The row of shard ${shard} vanished from ${captureSchema}.relay_state.`);
  return { shard, counter: BigInt(state.lease) };
}

/** Gives the lead back at once. */
export async function releaseLease(
  connection: Connection,
  captureSchema: string,
  { shard }: Lease,
): Promise<void> {
  await select(connection, 'SELECT RELEASE_LOCK(?) AS released', [leaseName(captureSchema, shard)]);
}
