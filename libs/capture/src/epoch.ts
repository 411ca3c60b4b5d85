import { MAX_EPOCH, versionParts, type Version } from '@tributary/change-event';
import { fatal } from '@tributary/change-event';
import type { Connection } from 'mysql2/promise';
import { relayState } from './lease';
import { insertMarker } from './marker';
import { execute, select } from './query';

/** What the source's capture schema says of itself. */
export interface EpochState {
  /** 0 when none was decided yet. */
  readonly epoch: number;
  /** Highest id ever acknowledged. */
  readonly highId: bigint;
  /** An id that the log has just handed out. */
  readonly freshId: bigint;
}

export interface EpochDecision {
  readonly epoch: number;
  /** Why it differs from the source's own, a sentence for the log; `null` when it does not. */
  readonly reason: string | null;
}

/**
 * The epoch under which the log's ids are versions (R4). It rises when ids could repeat: the counter stands at or
 * below one that was used before, or the source's state is older than what Kafka has seen (a restored backup).
 * `highest` is the highest version found in Kafka, `null` when there is none.
 */
export function decideEpoch(state: EpochState, highest: Version | null): EpochDecision {
  const seen = highest === null ? null : versionParts(highest);
  if (state.epoch === 0)
    return seen === null
      ? { epoch: 1, reason: 'The change log is new.' }
      : risen(seen.epoch, 'The change log is new, but Kafka holds changes of an earlier one.');
  if (seen !== null && seen.epoch > state.epoch)
    return risen(
      seen.epoch,
      `Kafka has seen epoch ${seen.epoch}, the source only ${state.epoch}: it was restored.`,
    );
  if (seen !== null && seen.epoch === state.epoch && state.freshId <= seen.id)
    return risen(
      state.epoch,
      `The log's counter is at ${state.freshId}, but Kafka has seen ${seen.id}: it went back.`,
    );
  if (state.freshId <= state.highId)
    return risen(
      state.epoch,
      `The log's counter is at ${state.freshId}, below the ${state.highId} used before: it went back.`,
    );
  return { epoch: state.epoch, reason: null };
}

function risen(from: number, reason: string): EpochDecision {
  if (from >= MAX_EPOCH)
    throw fatal('EPOCH', `No epoch is left after ${from}: install capture under another schema.`);
  return { epoch: from + 1, reason };
}

/** Reads the source's state, taking a fresh id by a marker, decides, and stores the epoch. Call while holding the lead. */
export async function resolveEpoch(
  connection: Connection,
  captureSchema: string,
  shard: number,
  highest: Version | null,
): Promise<EpochDecision> {
  const table = relayState(captureSchema);
  const [row] = await select<{ epoch: number; highId: string }>(
    connection,
    `SELECT epoch, high_id AS \`highId\` FROM ${table} WHERE shard = ?`,
    [shard],
  );
  const decision = decideEpoch(
    {
      epoch: Number(row?.epoch ?? 0),
      highId: BigInt(row?.highId ?? 0),
      freshId: await insertMarker(connection, captureSchema),
    },
    highest,
  );
  if (decision.reason !== null)
    await execute(
      connection,
      `INSERT INTO ${table} (shard, epoch, updated_at) VALUES (?, ?, UTC_TIMESTAMP(6))
       ON DUPLICATE KEY UPDATE epoch = VALUES(epoch), high_id = 0, updated_at = VALUES(updated_at)`,
      [shard, decision.epoch],
    );
  return decision;
}
