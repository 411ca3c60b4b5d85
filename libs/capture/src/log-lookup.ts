import type { Cell } from '@tributary/contract';
import type { Connection } from 'mysql2/promise';
import { changeLog, tableShapes } from './capture-tables';
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

/** An entry of one row, without its images. */
export interface RowEntry {
  readonly id: bigint;
  readonly op: string;
  /** When the trigger ran. */
  readonly at: Date;
}

/** Entries of a table that are read for one row at most, oldest first. */
const MOST_READ = 100_000;

/** The row's committed entries that no relay has published and deleted yet, oldest first; `key`: cells in key order. */
export async function rowEntries(
  connection: Connection,
  captureSchema: string,
  table: string,
  key: readonly Cell[],
): Promise<RowEntry[]> {
  const rows = await selectRaw(
    connection,
    `SELECT e.id, e.op, FLOOR(UNIX_TIMESTAMP(e.at) * 1000), e.row_key FROM ${changeLog(captureSchema)} AS e
     JOIN ${tableShapes(captureSchema)} AS s ON s.id = e.shape_id
     WHERE s.table_name = ? ORDER BY e.id LIMIT ${MOST_READ}`,
    [table],
  );
  const wanted = JSON.stringify(key);
  return rows
    .filter(([, , , held]) => sameCells(held ?? null, wanted))
    .map(([id, op, at]) => ({
      id: BigInt(id!.toString('latin1')),
      op: op!.toString('latin1'),
      at: new Date(Number(at!.toString('latin1'))),
    }));
}

function sameCells(held: Buffer | null, wanted: string): boolean {
  try {
    return held !== null && JSON.stringify(JSON.parse(held.toString('utf8'))) === wanted;
  } catch {
    return false;
  }
}
