import { isMissing, mysqlError } from '@tributary/capture';
import { fatal, hasErrno, mysqlErrno } from '@tributary/kernel';
import { captureDataSource, SnapshotJob } from '@tributary/capture-store';
import { SnapshotJobs } from '@tributary/snapshot';
import type { Servers } from '../servers';

/** Works on the snapshot jobs of the capture schema. Throws a SyncError. */
export async function withJobs<T>(servers: Servers, work: (jobs: SnapshotJobs) => Promise<T>): Promise<T> {
  const { mysqlUrl, config } = servers.env;
  // Says what is wrong with the address or the account in one sentence, which TypeORM does not.
  await servers.mysql();
  const source = captureDataSource(mysqlUrl, config.captureSchema);
  try {
    await source.initialize();
    return await work(new SnapshotJobs(source.getRepository(SnapshotJob)));
  } catch (error) {
    // An account that may only read there has its own error: the schema is there.
    if (isMissing(error) || hasErrno(error, mysqlErrno.DBACCESS_DENIED))
      throw fatal(
        'SNAPSHOT',
        `The capture schema ${config.captureSchema} is not there: run tributary capture install first.`,
        error,
      );
    if (hasErrno(error, mysqlErrno.BAD_FIELD))
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
