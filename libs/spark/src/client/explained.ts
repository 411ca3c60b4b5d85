import { Code, ConnectError } from '@connectrpc/connect';
import { fatal, SyncError, tlsFault, transient } from '@tributary/kernel';
import type { Connection } from './connection';
import { sparkFault, type SparkFault } from './failure';
import { toldBySpark } from './told-by-spark';
import { shown } from './remote';

const DETAILS_MS = 5000;

/** Any error of a call as a SyncError of one sentence; the cause keeps what Java said. */
export async function explained(connection: Connection, error: unknown): Promise<Error> {
  if (error instanceof SyncError || !(error instanceof ConnectError)) return error as Error;
  const fault = sparkFault(error);
  if (!fault) return ofConnection(connection, error);
  const { errorClass } = fault;
  if (/^INVALID_HANDLE\.|^INVALID_CURSOR\./.test(errorClass))
    return transient(
      'SPARK_SESSION_LOST',
      `The Spark server at ${shown(connection.remote)} does not know this session or statement any more: it was restarted, or has ended it.`,
      error,
    );
  if (errorClass === 'OPERATION_CANCELED')
    return transient('SPARK_INTERRUPTED', 'The statement was interrupted at the Spark server.', error);
  return toldBySpark(await messagesOf(connection, fault, error), error);
}

/** The error and its causes in full: what comes with the call is cut after 2,048 characters. */
async function messagesOf(
  { client, common }: Connection,
  { errorId }: SparkFault,
  { rawMessage }: ConnectError,
): Promise<string[]> {
  if (errorId === '') return [rawMessage];
  try {
    const { errors } = await client.fetchErrorDetails({ ...common, errorId }, { timeoutMs: DETAILS_MS });
    const messages = errors.map(({ message }) => message).filter(Boolean);
    return messages.length ? messages : [rawMessage];
  } catch {
    return [rawMessage];
  }
}

const nobody = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)\b/;

function ofConnection({ remote }: Connection, error: ConnectError): SyncError {
  const where = shown(remote);
  const text = causesOf(error);
  if (error.code === Code.Unauthenticated || error.code === Code.PermissionDenied)
    return fatal(
      'SPARK_LOGIN',
      `The Spark server at ${where} refuses the token: write the right one behind the address, as ${where}/;token=...`,
      error,
    );
  const tls = remote.tls ? tlsFault(error) : undefined;
  if (tls) return fatal('SPARK_TLS', `The Spark server at ${where} cannot be reached by TLS: ${tls}.`, error);
  const [reason] = nobody.exec(text) ?? [];
  if (reason === 'ENOTFOUND' || reason === 'EAI_AGAIN')
    return transient('UNREACHABLE', `There is no host of the name ${remote.host} for Spark.`, error);
  if (reason)
    return transient(
      'UNREACHABLE',
      `Nobody listens at ${where} (${reason}): start Spark there, or leave out the address for a server of our own.`,
      error,
    );
  if (
    error.code === Code.DeadlineExceeded ||
    /ECONNRESET|EPIPE|ERR_STREAM_DESTROYED/.test(text) ||
    error.code === Code.Unavailable
  )
    return transient(
      'UNREACHABLE',
      `What listens at ${where} is no Spark Connect server, or does not answer.`,
      error,
    );
  return fatal('SPARK_NO_SERVER', `What listens at ${where} is no Spark Connect server.`, error);
}

function causesOf(error: unknown): string {
  const said: string[] = [];
  for (let current = error; current instanceof Error && said.length < 10; current = current.cause)
    said.push(`${(current as NodeJS.ErrnoException).code ?? ''} ${current.message}`);
  return said.join('\n');
}
