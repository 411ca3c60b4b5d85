import { fatal, SyncError, tlsFault, transient, errorText } from '@tributary/kernel';
import { createConnection, mongo, type Connection, type ConnectOptions } from 'mongoose';

const SELECTION_MS = 5000;
/** A write that takes longer has lost its server: a half-open connection would hang for ever. */
const SOCKET_MS = 60_000;
/** Mongoose's `readyState`; the enumeration is no named export of the package. */
const DISCONNECTED = 0;

/** Options for a connection that a sink writes through; what the URI says goes first. */
export function mongoOptions(uri: string): ConnectOptions {
  return {
    appName: 'tributary',
    serverSelectionTimeoutMS: SELECTION_MS,
    connectTimeoutMS: SELECTION_MS,
    socketTimeoutMS: SOCKET_MS,
    autoCreate: false,
    autoIndex: false,
    // A write that a failover can take back must not be acknowledged to Kafka (R12).
    ...(/[?&]w=/.test(uri) ? {} : { writeConcern: { w: 'majority' } }),
  };
}

/** Connects to the server of MONGODB_URI. Throws what `mongoStartFault` makes of the reason. */
export async function connectMongo(uri: string): Promise<Connection> {
  let connection: Connection | undefined;
  try {
    connection = createConnection(uri, mongoOptions(uri));
    return await connection.asPromise();
  } catch (error) {
    await connection?.close().catch(() => undefined);
    throw mongoStartFault(error);
  }
}

/**
 * Waits until a connection that was made without waiting is open, and opens it anew when its first attempt has failed.
 * Throws what `mongoStartFault` makes of the reason.
 */
export async function openMongo(connection: Connection, uri: string): Promise<void> {
  try {
    if (connection.readyState === DISCONNECTED) await connection.openUri(uri, mongoOptions(uri));
    else await connection.asPromise();
  } catch (error) {
    throw mongoStartFault(error);
  }
}

/** Names that cannot be looked up yet, as before a container has started. */
const lookUps = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED']);

/**
 * Why a service cannot begin, in one sentence that never holds the URI or a part of it: `retry` while no server answers
 * or none is primary, else fatal.
 */
export function mongoStartFault(error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const { message = '', code } = error as { message?: string; code?: unknown };
  if (code === 18 || code === 8000 || (!isUnreachable(error) && /auth/i.test(message)))
    return fatal(
      'MONGODB_LOGIN',
      'MongoDB refuses the login: check the user name, password and authSource in MONGODB_URI.',
      error,
    );
  const tls = tlsFault(error) ?? tlsFault(selectionCause(error));
  if (tls)
    return fatal(
      'TLS',
      `TLS with MongoDB failed, ${tls}: check tls, tlsCAFile and tlsCertificateKeyFile in MONGODB_URI.`,
      error,
    );
  if (code === 13)
    return fatal(
      'MONGODB_RIGHTS',
      'MongoDB denies access: grant the account of MONGODB_URI readWrite on the databases that the sync file names.',
      error,
    );
  if (isUnreachable(error) || error instanceof mongo.MongoServerError || lookUps.has(String(code)))
    return transient(
      'UNREACHABLE',
      `MongoDB does not answer (${errorText(error)
        .replace(/[.\s]+$/, '')
        .slice(0, 200)}): check MONGODB_URI and that the server runs.`,
      error,
    );
  // The driver's message may quote what it could not read, and that may be a password.
  return fatal(
    'MONGODB_URI',
    'MONGODB_URI cannot be used: it must look like mongodb://user:password@host:27017/?option=value, with special characters of the password percent-encoded.',
    error,
  );
}

/** What the last attempt on one of the servers met, which the message of a failed selection does not always tell. */
function selectionCause(error: unknown): unknown {
  const { reason } = error as { reason?: { servers?: Map<string, { error?: unknown }> } };
  return [...(reason?.servers?.values() ?? [])].find((server) => server.error)?.error;
}

/** Mongoose wraps what its client could not select a server for. */
const isUnreachable = (error: unknown) =>
  error instanceof mongo.MongoServerSelectionError ||
  error instanceof mongo.MongoNetworkError ||
  (error as Error).name === 'MongooseServerSelectionError';
