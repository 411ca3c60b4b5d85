import type { Cell } from '@tributary/contract';
import type { Connection } from 'mysql2/promise';
import { changeLog, parkedEntries, tableShapes } from './capture-tables';
import { decoded, type LogEntry } from './log-entry';
import { isMissing } from './not-installed';
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

/** Entries of a table of which the keys are read for one row at most, oldest first. */
const MOST_READ = 100_000;

/**
 * The row's committed entries that no relay has published and deleted yet, also those that wait aside, oldest first; `isRow` knows its key by the
 * cells of one, in key order. `cut`: the log holds more entries of the table than are looked through.
 */
export async function rowEntries(
  connection: Connection,
  captureSchema: string,
  table: string,
  isRow: (key: readonly Cell[]) => boolean,
): Promise<{ readonly entries: RowEntry[]; readonly cut: boolean }> {
  const columns = 'e.id, e.op, FLOOR(UNIX_TIMESTAMP(e.at) * 1000), e.row_key';
  // The log first: what is set aside in between is found twice, and not missed.
  const inLog = await selectRaw(
    connection,
    `SELECT ${columns} FROM ${changeLog(captureSchema)} AS e
     JOIN ${tableShapes(captureSchema)} AS s ON s.id = e.shape_id
     WHERE s.table_name = ? ORDER BY e.id LIMIT ${MOST_READ}`,
    [table],
  );
  const aside = await selectRaw(
    connection,
    `SELECT ${columns} FROM ${parkedEntries(captureSchema)} AS e
     WHERE e.table_name = ? ORDER BY e.epoch, e.id LIMIT ${MOST_READ}`,
    [table],
  ).catch((error: unknown) => {
    // A capture schema of an older version.
    if (isMissing(error)) return [];
    throw error;
  });
  const found = new Map([...aside, ...inLog].map((row) => [row[0]!.toString('latin1'), row]));
  const rows = [...found.values()];
  const entries = rows
    .filter(([, , , key]) => isKeyOf(key ?? null, isRow))
    .map(([id, op, at]) => ({
      id: BigInt(id!.toString('latin1')),
      op: op!.toString('latin1'),
      at: new Date(Number(at!.toString('latin1'))),
    }));
  return { entries, cut: inLog.length === MOST_READ || aside.length === MOST_READ };
}

/** Not the damaged key of an entry, nor one of other columns than the table has now. */
function isKeyOf(key: Buffer | null, isRow: (key: readonly Cell[]) => boolean): boolean {
  try {
    return key !== null && isRow(JSON.parse(key.toString('utf8')) as Cell[]);
  } catch {
    return false;
  }
}
