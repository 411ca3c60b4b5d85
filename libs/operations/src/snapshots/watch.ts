import { setTimeout as sleep } from 'node:timers/promises';
import type { SnapshotProgress } from '@tributary/snapshot';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { withJobs } from './with-jobs';

const WATCH_MS = 1_000;

export interface SnapshotStatusInput {
  readonly table?: string | undefined;
  /** Told all snapshots every second, and once more when none is under way any longer: the answer waits for that. */
  readonly onProgress?: ((jobs: readonly SnapshotProgress[]) => void) | undefined;
}

export const isUnderWay = ({ state }: SnapshotProgress): boolean => state === 'queued' || state === 'running';

/** The snapshots of the tables that are meant, and how far they are. */
export function snapshotStatus(
  { servers, signal }: OperationContext,
  { table: wanted, onProgress }: SnapshotStatusInput,
): Promise<readonly SnapshotProgress[]> {
  return withJobs(servers, async (jobs) => {
    const list = async () => (await jobs.list()).filter(({ table }) => matchesTable(wanted, table));
    while (onProgress) {
      const now = await list();
      onProgress(now);
      if (!now.some(isUnderWay)) break;
      await sleep(WATCH_MS, undefined, { signal });
    }
    return list();
  });
}

/** Those that have failed, and whose rows no later snapshot has brought. */
export const failedSnapshots = (jobs: readonly SnapshotProgress[]): SnapshotProgress[] =>
  jobs.filter(
    (failed) =>
      failed.state === 'failed' &&
      !jobs.some(
        ({ id, table, where, state }) =>
          state === 'done' &&
          BigInt(id) > BigInt(failed.id) &&
          table === failed.table &&
          (where === null || where === failed.where),
      ),
  );
