import type { Connection } from 'mysql2/promise';
import { changeLog } from './capture-tables';
import { decoded, type LogEntry } from './log-entry';
import { selectRaw } from './query';
import { ShapeSeals } from './shape-seals';

/** Those of these entries that are in the log, by id. Ask for few at once: each may hold half a megabyte (R13). */
export async function findEntries(
  connection: Connection,
  captureSchema: string,
  ids: readonly bigint[],
): Promise<Map<bigint, LogEntry>> {
  if (ids.length === 0) return new Map();
  const rows = await selectRaw(
    connection,
    `SELECT id, shape_id, op, crc, FLOOR(UNIX_TIMESTAMP(at) * 1000), 0, row_key, before_image, after_image
     FROM ${changeLog(captureSchema)} WHERE id IN (${ids.join(',')})`,
  );
  const entries = await decoded(rows, new ShapeSeals(connection, captureSchema));
  return new Map(entries.map((entry) => [entry.id, entry]));
}
