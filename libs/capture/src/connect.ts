import {
  errorText,
  fatal,
  hasErrno,
  mysqlErrno,
  tlsFault,
  transient,
  type SyncError,
} from '@tributary/kernel';
import type { Connection as CoreConnection } from 'mysql2';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';
import { pinnedDriver, pinSession } from './session';
import { tlsOptions } from './tls';

export type { Connection } from 'mysql2/promise';

/**
 * Connection options for a `mysql://user:pass@host:port[/database][?ssl=...]` URL: utf8mb4, and no value that the
 * driver could round. `ssl`: `true` (verified), `no-verify`, the path of a CA file, or a JSON object of TLS options.
 * `variable` names the URL in messages. Throws a fatal SyncError `CONFIG`.
 */
export function mysqlOptions(url: string, variable = 'MYSQL_URL'): ConnectionOptions {
  const malformed = (why: string, cause?: unknown) =>
    fatal('CONFIG', `${variable} ${why}: it must look like mysql://user:password@host:3306.`, cause);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw malformed('is not a URL', error);
  }
  if (!/^(mysql|mariadb):$/.test(parsed.protocol)) throw malformed('does not begin with mysql://');
  if (!parsed.hostname) throw malformed('names no host');
  const unknown = [...parsed.searchParams.keys()].find((name) => name !== 'ssl');
  if (unknown) throw malformed(`has an unknown option "${unknown}" (known: ssl)`);
  const database = decodeURIComponent(parsed.pathname.slice(1));
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(parsed.port || 3306),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    ...(database && { database }),
    ...tlsOptions(parsed.searchParams.get('ssl'), host, variable),
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    // It would note the stack at each query, a twentieth of the relay's time, for a trace in an error that is told in a sentence.
    trace: false,
    connectTimeout: 10_000,
    enableKeepAlive: true,
  };
}

/** Opens one connection, whose session depends on no setting of the server. Throws a SyncError of one sentence that names the address, never the password. */
export async function openMysql(
  url: string,
  options: ConnectionOptions = {},
  variable = 'MYSQL_URL',
): Promise<Connection> {
  const settings = { ...mysqlOptions(url, variable), ...options };
  try {
    const connection = await createConnection(settings);
    // Without a listener an 'error' event between two queries would end the process; the next query reports it.
    connection.on('error', () => {});
    const core = (connection as unknown as { connection: CoreConnection }).connection;
    await new Promise<void>((resolve, reject) =>
      pinSession(core, (error) => (error ? reject(error) : resolve())),
    ).catch((error: unknown) => {
      connection.destroy();
      throw error;
    });
    return connection;
  } catch (error) {
    throw connectError(error, settings, variable);
  }
}

/** How a data source of TypeORM connects: with these options, and sessions like those of `openMysql`. */
export const mysqlSource = (url: string) => ({ options: mysqlOptions(url), driver: pinnedDriver });

const unreachable = new Set([
  'ECONNREFUSED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'EPIPE',
]);
const lost = new Set(['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT', 'EAI_AGAIN', 'ECONNABORTED']);
/** Server answers that pass by themselves: too many connections, shutdown, lock waits, deadlocks, kills, read-only, full disks. */
const passing: readonly number[] = [
  ...[mysqlErrno.CON_COUNT, mysqlErrno.TOO_MANY_USER_CONNECTIONS],
  ...[mysqlErrno.SERVER_SHUTDOWN, mysqlErrno.CONNECTION_KILLED, mysqlErrno.CLIENT_INTERACTION_TIMEOUT],
  ...[mysqlErrno.LOCK_WAIT_TIMEOUT, mysqlErrno.LOCK_NOWAIT, mysqlErrno.LOCK_DEADLOCK],
  ...[mysqlErrno.QUERY_INTERRUPTED, mysqlErrno.QUERY_TIMEOUT, mysqlErrno.ERROR_DURING_COMMIT],
  ...[mysqlErrno.OPTION_PREVENTS_STATEMENT, mysqlErrno.READ_ONLY_MODE],
  ...[mysqlErrno.EE_DISK_FULL, mysqlErrno.DISK_FULL, mysqlErrno.ERROR_ON_WRITE, mysqlErrno.RECORD_FILE_FULL],
];
const { ACCESS_DENIED, ACCESS_DENIED_NO_PASSWORD, NOT_SUPPORTED_AUTH_MODE } = mysqlErrno;

interface DriverError extends Error {
  readonly code?: string;
  readonly errno?: number;
}

/** What a failed connection attempt means, in one sentence. */
function connectError(error: unknown, settings: ConnectionOptions, variable: string): SyncError {
  const { code = '' } = error as DriverError;
  const where = `${settings.host}:${settings.port}`;
  if (code === 'ENOTFOUND')
    return transient(
      'UNREACHABLE',
      `No address is known for the host ${settings.host} of ${variable}: check its spelling and the DNS.`,
      error,
    );
  if (unreachable.has(code) || lost.has(code))
    return transient(
      'UNREACHABLE',
      `MySQL does not answer at ${where} (${variable}, ${code}): check that it runs and that the port is open from here.`,
      error,
    );
  if (hasErrno(error, ACCESS_DENIED, ACCESS_DENIED_NO_PASSWORD, NOT_SUPPORTED_AUTH_MODE))
    return fatal(
      'ACCESS',
      `MySQL at ${where} refuses the account ${settings.user} of ${variable}: check its user name and password${settings.ssl ? '' : ' (and ?ssl=true, if the server asks for TLS)'}.`,
      error,
    );
  if (hasErrno(error, mysqlErrno.BAD_DB, mysqlErrno.DBACCESS_DENIED))
    return fatal(
      'ACCESS',
      `MySQL at ${where} gives ${settings.user} no database ${settings.database} (${variable}): check its name and the grants.`,
      error,
    );
  if (hasErrno(error, mysqlErrno.SECURE_TRANSPORT_REQUIRED))
    return fatal(
      'TLS',
      `MySQL at ${where} takes connections with TLS only: add ?ssl=true, or ?ssl= and the path of its CA file, to ${variable}.`,
      error,
    );
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return fatal('TLS', `MySQL at ${where} has no TLS, which ?ssl in ${variable} asks for.`, error);
  const tls = tlsFault(error);
  if (tls)
    return fatal('TLS', `TLS with MySQL at ${where} failed, ${tls}: check ?ssl in ${variable}.`, error);
  return mysqlError(error, `MySQL at ${where} (${variable})`);
}

/** A driver or server error as a SyncError: `retry` when it passes by itself, else `fatal`. */
export function mysqlError(error: unknown, what = 'MySQL'): SyncError {
  const { name, code = '', message } = error as DriverError;
  if (name === 'SyncError') return error as SyncError;
  const sentence = `${what}: ${errorText(error).replace(/\.$/, '')}.`;
  const gone =
    unreachable.has(code) || lost.has(code) || /closed state|connection.*(lost|closed)/i.test(message);
  return gone || hasErrno(error, ...passing)
    ? transient('MYSQL', sentence, error)
    : fatal('MYSQL', sentence, error);
}
