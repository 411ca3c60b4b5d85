import { mysqlError, mysqlSource } from '@tributary/capture';
import { fatal } from '@tributary/change-event';
import { captureDataSource } from '@tributary/entities';
import { SnapshotJobs } from '@tributary/snapshot';
import type { Servers } from '../servers';

/** ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE, ER_DBACCESS_DENIED_ERROR: there is no capture schema. */
const notInstalled = new Set([1049, 1146, 1044]);
/** ER_BAD_FIELD_ERROR */
const UNKNOWN_COLUMN = 1054;

/** Works on the snapshot jobs of the capture schema. Throws a SyncError. */
export async function withJobs<T>(servers: Servers, work: (jobs: SnapshotJobs) => Promise<T>): Promise<T> {
  const { mysqlUrl, config } = servers.env;
  // Says what is wrong with the address or the account in one sentence, which TypeORM does not.
  await servers.mysql();
  const source = captureDataSource(mysqlUrl, config.captureSchema, mysqlSource(mysqlUrl));
  try {
    await source.initialize();
    return await work(new SnapshotJobs(source));
  } catch (error) {
    if (notInstalled.has((error as { errno?: number }).errno ?? 0))
      throw fatal(
        'SNAPSHOT',
        `The capture schema ${config.captureSchema} is not there: run tributary capture install first.`,
        error,
      );
    if ((error as { errno?: number }).errno === UNKNOWN_COLUMN)
      throw fatal(
        'SNAPSHOT',
        `The capture schema ${config.captureSchema} is of an older version: run tributary capture install first.`,
        error,
      );
    throw mysqlError(error);
  } finally {
    if (source.isInitialized) await source.destroy();
  }
}
