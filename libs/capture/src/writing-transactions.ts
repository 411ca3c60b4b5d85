import { transient } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { select } from './query';

export interface WritingTransaction {
  readonly id: string;
  readonly thread: string;
  /** In the zone of the server, whole seconds. */
  readonly started: string;
  /** 1 when it has changed rows; 0 when it is at a statement that may be about to. */
  readonly changed: number;
}

/**
 * InnoDB lists its transactions in 16 MiB at most and leaves the rest out, the oldest ones, without a word to the client;
 * memory that grows by half each time can meet that bound with two thirds of it in use.
 */
export const LIST_BYTES = 6 << 20;

/** At least what a transaction takes in that list: its row, its statement, and the locks that are listed for one that waits. */
const MYSQL_BYTES = `SELECT SUM(256 + 2 * IFNULL(OCTET_LENGTH(trx_query), 0) + IF(trx_state = 'LOCK WAIT', 8448, 0))
  FROM information_schema.innodb_trx`;
const MARIADB_BYTES = `SELECT SUM(size) FROM (
  SELECT 256 + 2 * IFNULL(OCTET_LENGTH(trx_query), 0) AS size FROM information_schema.innodb_trx
  UNION ALL SELECT 256 + 2 * IFNULL(OCTET_LENGTH(lock_data), 0) FROM information_schema.innodb_locks) AS sizes`;

/**
 * All transactions that have changed rows and not ended, or are at a statement that locks rows: such a one can hold a log id
 * already before its first row counts as changed. Throws a SyncError `retry` when there may be more than the server
 * lists: a transaction that is not seen must not be taken for one that has ended (R5).
 */
export async function writingTransactions(
  connection: Connection,
  isMariaDb: boolean,
  listBytes = LIST_BYTES,
): Promise<WritingTransaction[]> {
  const rows = await select<WritingTransaction & { bytes: string | null }>(
    connection,
    `SELECT CAST(trx_id AS CHAR) AS \`id\`, CAST(trx_mysql_thread_id AS CHAR) AS \`thread\`,
       CAST(trx_started AS CHAR) AS \`started\`, trx_rows_modified > 0 AS \`changed\`, NULL AS \`bytes\`
     FROM information_schema.innodb_trx WHERE trx_rows_modified > 0 OR (trx_tables_locked > 0 AND trx_query IS NOT NULL)
     UNION ALL SELECT '', '', '', 0, CAST((${isMariaDb ? MARIADB_BYTES : MYSQL_BYTES}) AS CHAR)`,
  );
  const { bytes } = rows.pop()!;
  if (Number(bytes ?? 0) > listBytes)
    throw transient(
      'TRANSACTIONS',
      `So many transactions are open (${rows.length} that change rows) that the server may leave some out of information_schema.innodb_trx: loads wait until there are fewer.`,
    );
  return rows;
}

/** Those of `waiting` that have not ended, by a later list. A number is given anew when a transaction changes its first row. */
export function stillWriting(
  waiting: readonly WritingTransaction[],
  now: readonly WritingTransaction[],
): WritingTransaction[] {
  const byId = new Map(now.map((transaction) => [transaction.id, transaction]));
  const byThread = new Map(now.map((transaction) => [transaction.thread, transaction]));
  return waiting.flatMap((before) => {
    const same = byId.get(before.id);
    if (same) return [same];
    const renumbered = Number(before.changed) ? undefined : byThread.get(before.thread);
    return renumbered?.started === before.started ? [renumbered] : [];
  });
}
