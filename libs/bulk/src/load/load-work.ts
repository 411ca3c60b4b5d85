import { DdlSentinel, mysqlError, openMysql } from '@tributary/capture';
import { SyncError } from '@tributary/kernel';
import type { SyncConfig } from '@tributary/sync-config';
import type { ConnectedTarget, TargetPlugin } from '@tributary/targets';
import type { RecordPublisher } from '@tributary/transport';
import type { TaskWork } from '../worker/task-worker';
import { loadTask, type LoadResult, type LoadTask } from './load-task';
import { LoadWorker } from './load-worker';

export interface LoadDeps {
  readonly mysqlUrl: string;
  readonly config: SyncConfig;
  readonly publisher: Pick<RecordPublisher, 'start' | 'stop' | 'send'>;
  /** For loads that go straight to the targets: connects to one. Throws a SyncError. */
  readonly connectTarget: (target: TargetPlugin) => Promise<Pick<ConnectedTarget, 'writer'>>;
}

/**
 * Loads ranges of tables as the relay loads chunks: rows by the capture expressions (R9), under one floor that was taken before
 * (R5), and never of a table that was altered meanwhile. Safe to be done twice, at the same time, or by a worker that is thought
 * dead: a lease decides who may send, and versions make repetitions harmless (R4).
 */
export async function loadWork(deps: LoadDeps): Promise<TaskWork<LoadTask, LoadResult>> {
  const { mysqlUrl, config, publisher } = deps;
  const connection = await openMysql(mysqlUrl);
  // Of its own: a lease must not wait behind whatever a look at the tables waits for.
  const leases = await openMysql(mysqlUrl);
  const sentinel = await DdlSentinel.open(mysqlUrl, config.captureSchema);
  await publisher.start();
  const worker = new LoadWorker({ connection, leases, sentinel }, deps);
  return {
    schema: loadTask,
    async *run(task) {
      try {
        yield await worker.run(task);
      } catch (error) {
        throw error instanceof SyncError ? error : mysqlError(error);
      }
    },
    async close() {
      connection.destroy();
      leases.destroy();
      sentinel.close();
      await worker.close();
      await publisher.stop();
    },
  };
}
