import { isIP } from 'node:net';
import { fatal, SyncError, tlsFault, transient } from '@tributary/kernel';
import type { Certificates } from '@tributary/sync-config';
import { Redis } from 'ioredis';
import { redisReason } from './redis-error';

const CONNECT_MS = 5000;
/** A command that takes longer has lost its server: a half-open connection would hang for ever. */
const COMMAND_MS = 30_000;
const RECONNECT_MS = 2000;

/**
 * Connects to the server of REDIS_URL. Throws a SyncError with one sentence, which never holds the URL itself: `retry`
 * while nothing answers or the server is still loading, fatal when it refuses us.
 * Once connected it comes back by itself after any outage; commands meanwhile fail at once instead of piling up.
 */
export async function connectRedis(
  url: string,
  onError: (error: Error) => void,
  tls: Certificates = {},
): Promise<Redis> {
  let started = false;
  const redis = new Redis(url, {
    lazyConnect: true,
    ...(url.startsWith('rediss:') && { tls: { ...serverName(url), ...tls } }),
    connectionName: 'tributary',
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => (started ? Math.min(times * 100, RECONNECT_MS) : null),
  });
  let last: Error | undefined;
  redis.on('error', (error: Error) => {
    last = error;
    if (started) onError(error);
  });
  try {
    await redis.connect();
    // The client goes on with database 0 when there is none of the number in the URL.
    if (redis.options.db) await redis.select(redis.options.db);
    if (/cluster_enabled:1/.test(await redis.info('cluster')))
      throw fatal(
        'REDIS_CLUSTER',
        'REDIS_URL names a node of a Redis cluster, which is not supported yet: use a single server with replicas.',
      );
  } catch (error) {
    redis.disconnect();
    throw startFault(error instanceof SyncError ? error : (last ?? error));
  }
  started = true;
  // From now on commands reach a server that still loads, so that its own word for it (LOADING) is what is told.
  redis.options.enableReadyCheck = false;
  return redis;
}

/** The name that the server's certificate is asked for; the client's own default tells the server none. */
function serverName(url: string): { servername?: string } {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) ? {} : { servername: host };
}

/** What will not pass by waiting: rights, a database number that is not there, protected mode. */
const REFUSAL = /^(NOPERM|DENIED|ERR (?!max number of clients))/;

function startFault(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const { message = String(error), code } = error as { message?: string; code?: string };
  if (/NOAUTH|WRONGPASS|invalid password|without any password/i.test(message))
    return fatal(
      'REDIS_LOGIN',
      'Redis refuses the login: check the user name and password in REDIS_URL.',
      error,
    );
  const tls = tlsFault(error);
  if (tls)
    return fatal(
      'TLS',
      `TLS with Redis failed, ${tls}: check REDIS_URL and REDIS_SSL_CA, REDIS_SSL_CERT, REDIS_SSL_KEY.`,
      error,
    );
  if (REFUSAL.test(message))
    return fatal('REDIS', `Redis refuses the connection: ${redisReason(error)}; check REDIS_URL.`, error);
  return transient(
    'UNREACHABLE',
    `Redis does not answer${code ? ` (${code})` : ''}: check REDIS_URL and that the server runs.`,
    error,
  );
}
