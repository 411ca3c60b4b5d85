import type { Connection } from 'mysql2/promise';
import { select } from './query';

/** A transaction that the server has open, as somebody who wants to end it must know it. */
export interface OpenTransaction {
  /** InnoDB's number. */
  readonly id: string;
  /** For KILL; `0`: it was prepared by XA and belongs to no session. */
  readonly thread: string;
  /** `user@host:port`; `null` where no session has it. */
  readonly account: string | null;
  /** Since it began. */
  readonly seconds: number;
  /** `idle for 12 s`, or what the server says that it does. */
  readonly doing: string;
}

/** Transactions that the floor waits for. */
export interface FloorHold {
  /** Since when, `Date.now()`. */
  readonly since: number;
  /** How many they are; 0 while the server's list of them is not renewed. */
  readonly count: number;
  /** The oldest of them. */
  readonly transactions: readonly OpenTransaction[];
}

interface Found {
  readonly id: string;
  readonly thread: string;
  readonly account: string | null;
  readonly seconds: number;
  readonly state: string;
  readonly command: string | null;
  readonly idle: number | null;
  readonly work: string | null;
}

/** So many are named; the others are counted. */
const NAMED = 3;

/**
 * The oldest open transactions, or the oldest of those with these numbers; never the asking session's own. No statement is
 * shown, since it holds values. Needs PROCESS. Throws the driver's errors.
 */
export async function oldestTransactions(
  connection: Connection,
  ids?: readonly string[],
): Promise<OpenTransaction[]> {
  if (ids?.length === 0) return [];
  const only = ids ? 'AND t.trx_id IN (?)' : '';
  // trx_started is in the zone of the server, whatever the session's.
  const found = await select<Found>(
    connection,
    `SELECT CAST(t.trx_id AS CHAR) AS \`id\`, CAST(t.trx_mysql_thread_id AS CHAR) AS \`thread\`,
       CONCAT(p.user, '@', p.host) AS \`account\`, t.trx_state AS \`state\`, p.command AS \`command\`,
       p.time AS \`idle\`, p.state AS \`work\`,
       GREATEST(0, TIMESTAMPDIFF(SECOND, t.trx_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM'))) AS \`seconds\`
     FROM information_schema.innodb_trx AS t
     LEFT JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id
     WHERE t.trx_mysql_thread_id <> CONNECTION_ID() ${only}
     ORDER BY t.trx_started, t.trx_id LIMIT ${NAMED}`,
    ids ? [ids] : [],
  );
  return found.map(transactionOf);
}

const transactionOf = ({ id, thread, account, seconds, ...rest }: Found): OpenTransaction => ({
  ...{ id, thread, account, doing: doingOf(rest) },
  seconds: Number(seconds),
});

function doingOf({ state, command, idle, work }: Pick<Found, 'state' | 'command' | 'idle' | 'work'>): string {
  if (state === 'LOCK WAIT') return 'waiting for a lock';
  if (command === null) return 'prepared by XA';
  return command === 'Sleep' ? `idle for ${Number(idle)} s` : `at work (${work || command})`;
}

/** `thread 7 of shop@10.0.0.5:41022, open for 93 s, idle for 90 s` */
const nameOf = ({ thread, account, seconds, doing }: OpenTransaction): string =>
  account === null
    ? `a transaction without a session, open for ${seconds} s (XA RECOVER lists those that were prepared)`
    : `thread ${thread} of ${account}, open for ${seconds} s, ${doing}`;

/** Their names, `count` of them in all, and how to be rid of them. */
export function namesOf(transactions: readonly OpenTransaction[], count = transactions.length): string {
  const more = count - transactions.length;
  const named = transactions.map(nameOf).join('; ') + (more > 0 ? `; and ${more} more` : '');
  const [kill] = transactions.filter(({ account }) => account !== null);
  const remedy = kill ? `commit or roll back there, or KILL ${kill.thread}` : 'XA COMMIT or XA ROLLBACK';
  return `${named}: ${remedy}`;
}

/** What keeps the floor from rising, for people. */
export const holdText = ({ count, transactions }: FloorHold): string =>
  count === 0
    ? 'a list of open transactions that is not renewed: something reads information_schema.innodb_trx more often than ten times a second'
    : `the end of transactions that were changing rows before it began: ${namesOf(transactions, count)}`;

/**
 * Who may keep a statement on this table waiting: the sessions that hold a lock of its definition, where the server tells
 * (performance_schema), else the oldest open transactions. Throws the driver's errors.
 */
export async function tableHolders(connection: Connection, table: string): Promise<string> {
  const dot = table.indexOf('.');
  const holders = await select<{ thread: string }>(
    connection,
    `SELECT DISTINCT CAST(t.processlist_id AS CHAR) AS \`thread\` FROM performance_schema.metadata_locks AS l
     JOIN performance_schema.threads AS t ON t.thread_id = l.owner_thread_id
     WHERE l.object_type = 'TABLE' AND l.object_schema = ? AND l.object_name = ? AND l.lock_status = 'GRANTED'
       AND t.processlist_id <> CONNECTION_ID() LIMIT ${NAMED}`,
    [table.slice(0, dot), table.slice(dot + 1)],
  ).catch(() => []);
  if (holders.length > 0) {
    const sessions = await sessionsOf(
      connection,
      holders.map(({ thread }) => thread),
    );
    if (sessions.length > 0) return `held by ${namesOf(sessions)}`;
  }
  const oldest = await oldestTransactions(connection);
  return oldest.length > 0
    ? `the oldest open transactions are ${namesOf(oldest)}`
    : 'no transaction is open: look for LOCK TABLES and long statements in SHOW PROCESSLIST';
}

/** What the statement that one of these sessions is at waits for, and for whom where it waits for its table. Throws the driver's errors. */
export async function statementWait(
  connection: Connection,
  threads: readonly number[],
  table: string,
): Promise<string> {
  const [row] = await select<{ thread: string; state: string | null }>(
    connection,
    `SELECT CAST(id AS CHAR) AS \`thread\`, state AS \`state\` FROM information_schema.processlist
     WHERE id IN (?) AND command <> 'Sleep' ORDER BY time DESC LIMIT 1`,
    [threads],
  );
  if (!row) return `MySQL's answer to a SELECT on it`;
  const state = row.state || 'at work';
  const text = `MySQL's answer to a SELECT on it (thread ${row.thread}: ${state})`;
  return state.startsWith('Waiting for') ? `${text}, ${await tableHolders(connection, table)}` : text;
}

/** What this session waits for at a row of the table, and for whom. Needs PROCESS. Throws the driver's errors. */
export async function rowWait(connection: Connection, thread: number, table: string): Promise<string> {
  const waiting = await select<{ id: string }>(
    connection,
    `SELECT CAST(trx_id AS CHAR) AS \`id\` FROM information_schema.innodb_trx
     WHERE trx_mysql_thread_id = ? AND trx_state = 'LOCK WAIT'`,
    [thread],
  );
  if (waiting.length === 0) return statementWait(connection, [thread], table);
  const holders = await select<{ id: string }>(
    connection,
    `SELECT DISTINCT CAST(
       /*!80000 blocking_engine_transaction_id */ /*M! blocking_trx_id */ AS CHAR) AS \`id\`
     FROM /*!80000 performance_schema.data_lock_waits */ /*M! information_schema.innodb_lock_waits */
     WHERE /*!80000 requesting_engine_transaction_id */ /*M! requesting_trx_id */ IN (?)`,
    [waiting.map(({ id }) => id)],
  ).catch(() => []);
  const locked = await oldestTransactions(
    connection,
    holders.map(({ id }) => id),
  );
  if (locked.length > 0) return `a row that is locked by ${namesOf(locked, holders.length)}`;
  // The account may not read performance_schema, or the wait has just ended.
  const oldest = await oldestTransactions(connection);
  return oldest.length > 0
    ? `a row that is locked; the oldest open transactions are ${namesOf(oldest)}`
    : 'a row that was locked a moment ago';
}

/** Sessions by their threads, with a transaction or without one (LOCK TABLES). */
async function sessionsOf(connection: Connection, threads: readonly string[]): Promise<OpenTransaction[]> {
  const found = await select<Found>(
    connection,
    `SELECT CAST(IFNULL(t.trx_id, 0) AS CHAR) AS \`id\`, CAST(p.id AS CHAR) AS \`thread\`,
       CONCAT(p.user, '@', p.host) AS \`account\`, IFNULL(t.trx_state, '') AS \`state\`, p.command AS \`command\`,
       p.time AS \`idle\`, p.state AS \`work\`,
       IFNULL(GREATEST(0, TIMESTAMPDIFF(SECOND, t.trx_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM'))), p.time) AS \`seconds\`
     FROM information_schema.processlist AS p
     LEFT JOIN information_schema.innodb_trx AS t ON t.trx_mysql_thread_id = p.id
     WHERE p.id IN (?) ORDER BY \`seconds\` DESC LIMIT ${NAMED}`,
    [threads],
  );
  return found.map(transactionOf);
}
