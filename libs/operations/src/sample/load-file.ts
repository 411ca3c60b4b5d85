import { fatal, hasErrno, mysqlErrno } from '@tributary/kernel';
import { mysqlError } from '@tributary/capture';
import { ArchiveLoader, openApplication, type ArchiveLoad, type ArchivePart } from '@tributary/gh-archive';
import type { OperationContext } from '../context';

export interface LoadFileInput {
  readonly file: string;
  /** Told the part of the work, and how many bytes of the file it has done. */
  readonly onProgress?: (part: ArchivePart, done: number, total: number) => void;
}

/** Writes an hour of GH Archive into the sample database, and checks it. */
export async function loadArchiveFile(
  { servers, note }: OperationContext,
  { file, onProgress }: LoadFileInput,
): Promise<ArchiveLoad> {
  const connection = await openApplication(servers.env.mysqlUrl);
  try {
    return await new ArchiveLoader(connection, file, {
      warn: note,
      progress: (part, done, total) => onProgress?.(part, done, total),
    }).run();
  } catch (error) {
    throw explained(error);
  } finally {
    connection.destroy();
  }
}

function explained(error: unknown): unknown {
  const { sqlState, code, message } = error as {
    sqlState?: string;
    code?: string;
    message: string;
  };
  const words = message.replace(/\.$/, '');
  if (hasErrno(error, mysqlErrno.BAD_DB, mysqlErrno.NO_SUCH_TABLE, mysqlErrno.BAD_FIELD))
    return fatal(
      'LOAD',
      `The sample tables are not as sql/github_data.sql makes them (${words}): run it first.`,
      error,
    );
  if (hasErrno(error, mysqlErrno.DBACCESS_DENIED, mysqlErrno.TABLEACCESS_DENIED))
    return fatal(
      'LOAD',
      `The account of MYSQL_URL may not do this (${words}): give an account that may SELECT, INSERT and UPDATE on github_data, such as the application's.`,
      error,
    );
  return sqlState !== undefined || code?.startsWith('PROTOCOL') ? mysqlError(error) : error;
}
