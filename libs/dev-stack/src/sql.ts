import { readFileSync } from 'node:fs';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';
import { sqlUrl } from './addresses';
import { certificateFiles } from './certificates';
import type { StackState } from './state';

/** A connection of the administrator to a stack's MySQL or MariaDB. */
export function connectSql(
  state: StackState,
  server: 'mysql' | 'mariadb',
  options: ConnectionOptions = {},
): Promise<Connection> {
  // The driver reads the option `ssl` of a URL in its own way, so the URL goes without it.
  const [uri] = sqlUrl(state, server, 'admin').split('?') as [string];
  const ssl = state.secure && { ssl: { ca: readFileSync(certificateFiles(state.name).ca, 'utf8') } };
  return createConnection({ uri, ...ssl, ...options });
}
