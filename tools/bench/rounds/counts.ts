import type { Redis } from 'ioredis';
import type { Connection, RowDataPacket } from 'mysql2/promise';

/** Requests by name. */
export type Counts = ReadonlyMap<string, number>;

/** Statements of all sessions since the server's start, by the server's own count (rows come as arrays). */
export async function mysqlStatements(connection: Connection): Promise<Counts> {
  const [rows] = await connection.query<RowDataPacket[][]>(
    `SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Com_select', 'Com_insert', 'Com_insert_select', 'Com_delete',
      'Com_delete_multi', 'Com_begin', 'Com_commit', 'Com_truncate', 'Com_set_option')`,
  );
  return new Map(rows.map(([name, value]) => [String(name), Number(value)]));
}

/** Calls since the server's start, by the server's own count: of clients, and of scripts, which are told apart by nobody. */
export async function redisCalls(redis: Redis): Promise<Counts> {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...lines].map(([, name, calls]) => [name!, Number(calls)]));
}

/** What was added since. */
export function since(before: Counts, now: Counts): Map<string, number> {
  const added = new Map<string, number>();
  for (const [name, count] of now) {
    const more = count - (before.get(name) ?? 0);
    if (more > 0) added.set(name, more);
  }
  return added;
}
