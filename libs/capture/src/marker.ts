import type { Connection } from 'mysql2/promise';
import { changeLog } from './capture-tables';
import { execute } from './query';

export const markerStatement = (captureSchema: string) =>
  `INSERT INTO ${changeLog(captureSchema)} (shape_id, op, at) VALUES (0, 'm', UTC_TIMESTAMP(6));`;

/** Inserts a marker, which says nothing of any row, into the log and gives its id. The reader acknowledges it unpublished. */
export async function insertMarker(connection: Connection, captureSchema: string): Promise<bigint> {
  // The id of this very statement: others may use the connection before a second one could ask for it.
  const { insertId } = await execute(connection, markerStatement(captureSchema));
  return BigInt(insertId);
}

/**
 * A snapshot chunk's version where the account lacks PROCESS: `read` must take its rows with LOCK IN SHARE MODE
 * on this connection, in the same transaction as the marker whose id is the version. So no row of the chunk can
 * change between its read and that id. Applications wait for the chunk and may deadlock with it: keep chunks small;
 * a lock wait gives up after one second (error 1205, a `retry`).
 */
export async function readMarkedChunk<T>(
  connection: Connection,
  captureSchema: string,
  read: () => Promise<T>,
): Promise<{ readonly rows: T; readonly versionId: bigint }> {
  await execute(connection, 'SET SESSION innodb_lock_wait_timeout = 1');
  await execute(connection, 'START TRANSACTION');
  try {
    const rows = await read();
    const versionId = await insertMarker(connection, captureSchema);
    await execute(connection, 'COMMIT');
    return { rows, versionId };
  } catch (error) {
    await execute(connection, 'ROLLBACK').catch(() => {});
    throw error;
  }
}
