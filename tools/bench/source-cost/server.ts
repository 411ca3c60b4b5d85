import { readFileSync } from 'node:fs';
import { openMysql, type Connection } from '@tributary/capture';
import { loadState, type ServerName, type StackEnv } from '@tributary/dev-stack';
import { DATABASE } from './tables';

export type SourceServer = Extract<ServerName, 'mysql' | 'mariadb'>;

/** A database server of a stack, and its process. */
export interface Source {
  readonly server: SourceServer;
  readonly adminUrl: string;
  readonly relayUrl: string;
  readonly pid: number;
  readonly version: string;
}

export function sourceOf(env: StackEnv, stack: string, server: SourceServer): Source {
  const { pid, version = '?' } = {
    ...loadState(stack)?.servers[server]?.process,
    ...loadState(stack)?.servers[server],
  };
  const maria = server === 'mariadb';
  const adminUrl = maria ? env.ADMIN_MARIADB_URL : env.ADMIN_MYSQL_URL;
  const relayUrl = maria ? env.MARIADB_URL : env.MYSQL_URL;
  if (pid === undefined || !adminUrl || !relayUrl)
    throw new Error(`The stack "${stack}" has no ${server} that is a process of this machine.`);
  return { server, adminUrl, relayUrl, pid, version };
}

/** A connection into the benchmark's database. */
export const openApplication = ({ adminUrl }: Source): Promise<Connection> =>
  openMysql(adminUrl, { database: DATABASE });

const threadQuery = {
  mysql: 'SELECT thread_os_id AS tid FROM performance_schema.threads WHERE processlist_id = CONNECTION_ID()',
  mariadb: 'SELECT tid FROM information_schema.processlist WHERE id = CONNECTION_ID()',
};

/** Reads the processor time, microseconds, that the server's thread of a connection has used. */
export async function threadClock(source: Source, connection: Connection): Promise<() => number> {
  const [[row]] = (await connection.query(threadQuery[source.server])) as unknown as [[{ tid: number }]];
  const file = `/proc/${source.pid}/task/${row.tid}/schedstat`;
  return () => Number(readFileSync(file, 'utf8').split(' ')[0]) / 1000;
}
