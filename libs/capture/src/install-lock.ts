import { transient } from '@tributary/kernel';
import type { Connection } from 'mysql2/promise';
import { mysqlError } from './connect';
import { select } from './query';
import type { OnWaiting } from './replace-triggers';

/** Two installers at once would each see the other's half-made triggers. */
export async function withInstallLock<T>(
  connection: Connection,
  schema: string,
  onWaiting: OnWaiting | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const name = `tributary/${schema.toLowerCase()}/x`;
  for (let left = LOCK_TRIES; !(await lock(connection, name)); left -= 1) {
    const other = await holderOf(connection, name);
    if (left <= 1)
      throw transient(
        'BUSY',
        `Another process is installing or removing capture (${other}): try again when it has ended.`,
      );
    onWaiting?.(`Another process is installing or removing capture (${other}): waiting for its end.`);
  }
  try {
    return await work();
  } catch (error) {
    throw mysqlError(error);
  } finally {
    await select(connection, 'SELECT RELEASE_LOCK(?) AS released', [name]).catch(() => {});
  }
}

/** Asked for so often, for some seconds each time. */
const LOCK_TRIES = 8;
const LOCK_SECONDS = 4;

async function lock(connection: Connection, name: string): Promise<boolean> {
  const sql = `SELECT GET_LOCK(?, ${LOCK_SECONDS}) AS got`;
  const [row] = await select<{ got: number | null }>(connection, sql, [name]);
  return Number(row!.got) === 1;
}

/** Which session has a named lock. */
async function holderOf(connection: Connection, name: string): Promise<string> {
  const [row] = await select<{ thread: string | null; account: string | null }>(
    connection,
    `SELECT CAST(l.holder AS CHAR) AS \`thread\`, CONCAT(p.user, '@', p.host) AS \`account\`
     FROM (SELECT IS_USED_LOCK(?) AS holder) AS l LEFT JOIN information_schema.processlist AS p ON p.id = l.holder`,
    [name],
  );
  if (!row?.thread) return 'it has just ended';
  return `thread ${row.thread}${row.account ? ` of ${row.account}` : ''}`;
}
