import type { Connection, ResultSetHeader } from 'mysql2/promise';
import {
  ackTable,
  changeLog,
  crcExpression,
  parkedEntries,
  parkedTables,
  relayState,
} from './capture-tables';
import { LeaseLostError, type Lease } from './lease';
import { decoded, type LogEntry } from './log-entry';
import { execute, select, selectRaw } from './query';
import { ShapeSeals } from './shape-seals';

/** Entries of one table that wait aside. */
export interface ParkedTable {
  readonly table: string;
  readonly entries: number;
  /** Of their keys and images. */
  readonly bytes: number;
  /** Since when entries of it wait: ISO time. */
  readonly since: string;
}

/** Entries of one table and one epoch, in id order. */
export interface ParkedBatch {
  readonly table: string;
  readonly epoch: number;
  readonly entries: readonly LogEntry[];
}

/**
 * Takes entries of one table out of the log and sets them aside, in one transaction: they are in one of the two places at any
 * moment (R2). To be called by the leader, with ids that it has read. Throws LeaseLostError when another process leads by now;
 * then nothing has moved.
 */
export async function parkEntries(
  connection: Connection,
  captureSchema: string,
  lease: Lease,
  { table, epoch, entries }: ParkedBatch,
): Promise<void> {
  if (entries.length === 0) return;
  const ids = entries.map(({ id }) => id);
  const name = connection.escape(table);
  const ack = ackTable(captureSchema);
  const log = changeLog(captureSchema);
  await leading(connection, captureSchema, lease, {
    before: `DELETE FROM ${ack}; INSERT INTO ${ack} VALUES (${ids.join('),(')});`,
    state: `high_id = GREATEST(high_id, ${ids.reduce((a, b) => (b > a ? b : a))}), `,
    // One may be there already: a log that was set back holds again what was set aside.
    work: `REPLACE INTO ${parkedEntries(captureSchema)}
        (table_name, epoch, id, shape_id, op, row_key, before_image, after_image, crc, at)
        SELECT ${name}, ${epoch}, l.id, l.shape_id, l.op, l.row_key, l.before_image, l.after_image, l.crc, l.at
        FROM ${ack} a STRAIGHT_JOIN ${log} l ON l.id = a.id;
      INSERT INTO ${parkedTables(captureSchema)} (table_name, entries, bytes, since)
        VALUES (${name}, ${ids.length}, ${bytesOf(entries)}, UTC_TIMESTAMP(6))
        ON DUPLICATE KEY UPDATE entries = entries + VALUES(entries), bytes = bytes + VALUES(bytes);
      DELETE l FROM ${ack} a STRAIGHT_JOIN ${log} l ON l.id = a.id;`,
  });
}

/** The entries of a table that have waited longest, but for those of another epoch behind them; none: nothing waits. */
export async function readParked(
  connection: Connection,
  captureSchema: string,
  table: string,
  limit: number,
  maxBytes: number,
): Promise<ParkedBatch> {
  const of = parkedEntries(captureSchema);
  const sizes = await select<{ epoch: number; id: string; bytes: number }>(
    connection,
    `SELECT epoch, CAST(id AS CHAR) AS id, ${BYTES} AS bytes FROM ${of} WHERE table_name = ? ORDER BY epoch, id LIMIT ?`,
    [table, limit],
  );
  const epoch = Number(sizes[0]?.epoch ?? 0);
  const ids: string[] = [];
  let bytes = 0;
  for (const size of sizes) {
    bytes += Number(size.bytes);
    if (Number(size.epoch) !== epoch || (bytes > maxBytes && ids.length > 0)) break;
    ids.push(size.id);
  }
  return {
    table,
    epoch,
    entries: await entriesOf(connection, captureSchema, `table_name = ?`, [table], epoch, ids),
  };
}

/**
 * Deletes exactly these entries after Kafka has confirmed them, or where nobody needs them any more. `published`: what is
 * stored with it (`publishedText`). Throws LeaseLostError when another process leads by now; then nothing was deleted.
 */
export async function releaseParked(
  connection: Connection,
  captureSchema: string,
  lease: Lease,
  { table, epoch, entries }: ParkedBatch,
  published?: string,
): Promise<void> {
  const name = connection.escape(table);
  const gone = (column: string, by: number) => `${column} = GREATEST(${column}, ${by}) - ${by}`;
  await leading(connection, captureSchema, lease, {
    state: published === undefined ? '' : `published = ${connection.escape(published)}, `,
    work: `DELETE FROM ${parkedEntries(captureSchema)}
        WHERE table_name = ${name} AND epoch = ${epoch} AND id IN (${entries.map(({ id }) => id).join()});
      UPDATE ${parkedTables(captureSchema)} SET ${gone('entries', entries.length)}, ${gone('bytes', bytesOf(entries))}
        WHERE table_name = ${name};`,
  });
}

/**
 * Has entries of a table up to an id read by their keys, for good: what they hold is another table's. Changes many in pieces;
 * may be repeated.
 */
export async function distrustParked(
  connection: Connection,
  captureSchema: string,
  table: string,
  upTo: bigint,
): Promise<void> {
  const of = parkedEntries(captureSchema);
  for (let above = '0'; ;) {
    const [piece] = await select<{ last: string | null }>(
      connection,
      `SELECT CAST(MAX(id) AS CHAR) AS last FROM
         (SELECT id FROM ${of} WHERE table_name = ? AND id > ? AND id <= ? ORDER BY id LIMIT ${PIECE}) AS next_ids`,
      [table, above, upTo],
    );
    if (piece?.last == null) return;
    // The checksum first: it is that of the images that go, by which the seal of the shape stays in it.
    await execute(
      connection,
      `UPDATE ${of} SET crc = crc ^ ${crcExpression('row_key', 'before_image', 'after_image')}
           ^ ${crcExpression('row_key', 'NULL', 'NULL')},
         op = 'u', before_image = NULL, after_image = NULL
       WHERE table_name = ? AND id > ? AND id <= ? AND op <> 'k'`,
      [table, above, piece.last],
    );
    above = piece.last;
  }
}

/** Ends the account of a table of which nothing waits any more. Throws LeaseLostError when another process leads by now. */
export async function closeParked(
  connection: Connection,
  captureSchema: string,
  lease: Lease,
  table: string,
): Promise<void> {
  const name = connection.escape(table);
  await leading(connection, captureSchema, lease, {
    state: '',
    work: `DELETE FROM ${parkedTables(captureSchema)} WHERE table_name = ${name}
      AND NOT EXISTS (SELECT 1 FROM ${parkedEntries(captureSchema)} e WHERE e.table_name = ${name} LIMIT 1);`,
  });
}

/** The tables with entries or an account there: a restore may have brought back but one of them. */
export async function findParkedTables(connection: Connection, captureSchema: string): Promise<string[]> {
  const rows = await select<{ name: string }>(
    connection,
    `SELECT table_name AS name FROM ${parkedTables(captureSchema)}
     UNION SELECT DISTINCT table_name FROM ${parkedEntries(captureSchema)} ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}

/** By table, the age in seconds of the entry that has waited longest. */
export async function readOldestParked(
  connection: Connection,
  captureSchema: string,
): Promise<Map<string, number>> {
  const rows = await select<{ name: string; age: string | null }>(
    connection,
    `SELECT t.table_name AS name, TIMESTAMPDIFF(MICROSECOND, (
       SELECT e.at FROM ${parkedEntries(captureSchema)} e WHERE e.table_name = t.table_name
       ORDER BY e.epoch, e.id LIMIT 1), UTC_TIMESTAMP(6)) / 1e6 AS age
     FROM ${parkedTables(captureSchema)} t`,
  );
  return new Map(
    rows.flatMap(({ name, age }) => (age === null ? [] : [[name, Math.max(0, Number(age))] as const])),
  );
}

/** The tables with entries that wait aside, in order of name. */
export async function listParked(connection: Connection, captureSchema: string): Promise<ParkedTable[]> {
  const rows = await select<{ name: string; entries: string; bytes: string; since: string }>(
    connection,
    `SELECT table_name AS name, CAST(entries AS CHAR) AS entries, CAST(bytes AS CHAR) AS bytes,
       DATE_FORMAT(since, '%Y-%m-%dT%H:%i:%s.%fZ') AS since
     FROM ${parkedTables(captureSchema)} ORDER BY table_name`,
  );
  return rows.map(({ name, entries, bytes, since }) => ({
    ...{ table: name, entries: Number(entries), bytes: Number(bytes) },
    since: new Date(since).toISOString(),
  }));
}

/** Those of these entries of an epoch that wait aside, by id. Ask for few at once, as of the log (R13). */
export async function findParked(
  connection: Connection,
  captureSchema: string,
  epoch: number,
  ids: readonly bigint[],
): Promise<Map<bigint, LogEntry>> {
  const tables = `table_name IN (SELECT t.table_name FROM ${parkedTables(captureSchema)} t)`;
  const found = await entriesOf(connection, captureSchema, tables, [], epoch, ids.map(String));
  return new Map(found.map((entry) => [entry.id, entry]));
}

async function entriesOf(
  connection: Connection,
  captureSchema: string,
  which: string,
  values: readonly unknown[],
  epoch: number,
  ids: readonly string[],
): Promise<LogEntry[]> {
  if (ids.length === 0) return [];
  const rows = await selectRaw(
    connection,
    `SELECT id, shape_id, op, crc, FLOOR(UNIX_TIMESTAMP(at) * 1000), ${BYTES}, row_key, before_image, after_image
     FROM ${parkedEntries(captureSchema)} WHERE ${which} AND epoch = ${epoch} AND id IN (${ids.join()}) ORDER BY id`,
    [...values],
  );
  return decoded(rows, new ShapeSeals(connection, captureSchema));
}

/** Entries that one statement changes. */
const PIECE = 2_000;

interface Fenced {
  /** Statements on the temporary table. */
  readonly before?: string;
  /** What else is stored of the relay's state. */
  readonly state: string;
  readonly work: string;
}

/** One transaction of the leader's, in one round trip, that does nothing without the lead. */
async function leading(
  connection: Connection,
  captureSchema: string,
  { shard, counter }: Lease,
  { before = '', state, work }: Fenced,
): Promise<void> {
  const held = `shard = ${shard} AND lease = ${counter}`;
  try {
    const [results] = await connection.query<ResultSetHeader[]>(
      `${before} START TRANSACTION;
       UPDATE ${relayState(captureSchema)} SET ${state}updated_at = UTC_TIMESTAMP(6) WHERE ${held}`,
    );
    if (results.at(-1)!.affectedRows === 0) throw new LeaseLostError(shard);
    await connection.query(`${work} COMMIT`);
  } catch (error) {
    await execute(connection, 'ROLLBACK').catch(() => {});
    throw error;
  }
}

const bytesOf = (entries: readonly LogEntry[]) => entries.reduce((sum, { bytes }) => sum + bytes, 0);

const BYTES =
  '(IFNULL(OCTET_LENGTH(row_key),0)+IFNULL(OCTET_LENGTH(before_image),0)+IFNULL(OCTET_LENGTH(after_image),0))';
