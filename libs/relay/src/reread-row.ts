import { mysqlError, openMysql, rereadRow, type Connection } from '@tributary/capture';
import { errorNumber, mysqlErrno } from '@tributary/kernel';
import type { RereadRow } from './entry-encoder';

const { BAD_FIELD, LOCK_WAIT_TIMEOUT, NO_SUCH_TABLE } = mysqlErrno;
const unreadable: readonly number[] = [LOCK_WAIT_TIMEOUT, BAD_FIELD, NO_SUCH_TABLE];
/** How long a table that somebody has locked is not asked again, milliseconds. */
const LOCKED_MS = 10_000;

/**
 * A connection to read rows on. Behind an ALTER that waits for somebody's transaction it gives up after a second: the
 * stream of other tables must not wait as well (R15).
 */
export async function openRereads(url: string): Promise<Connection> {
  const connection = await openMysql(url);
  try {
    await connection.query('SET SESSION lock_wait_timeout = 1');
    return connection;
  } catch (error) {
    connection.destroy();
    throw mysqlError(error);
  }
}

/** Reads rows on a connection of `openRereads`. */
export function rereadOn(connection: Connection, now = () => performance.now()): RereadRow {
  const locked = new Map<string, number>();
  return async (plan, key) => {
    const { table } = plan.schema;
    if (now() < (locked.get(table) ?? 0)) return 'unreadable';
    try {
      return await rereadRow(connection, plan, key);
    } catch (error) {
      const errno = errorNumber(error);
      if (errno === LOCK_WAIT_TIMEOUT) locked.set(table, now() + LOCKED_MS);
      // A RangeError: the key has not the form of its column's type, which was another one when it was logged.
      if (error instanceof RangeError || unreadable.includes(errno)) return 'unreadable';
      throw mysqlError(error);
    }
  };
}
