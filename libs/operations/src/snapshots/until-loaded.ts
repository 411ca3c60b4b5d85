import { setTimeout as sleep } from 'node:timers/promises';
import { fatal } from '@tributary/kernel';
import type { SnapshotProgress } from '@tributary/snapshot';
import type { OperationContext } from '../context';
import { chosenTables } from '../tables/chosen-tables';
import { failedSnapshots, isUnderWay } from './watch';
import { withJobs } from './with-jobs';

const LOOK_MS = 500;

/**
 * Resolves when each of the tables that are meant has been loaded and no load of one is under way. Throws a fatal SyncError
 * `SNAPSHOT` when one has failed. `onProgress` is told their loads, again and again.
 */
export async function untilLoaded(
  { servers, signal }: OperationContext,
  {
    table: wanted,
    onProgress,
  }: {
    readonly table?: string | undefined;
    readonly onProgress?: (jobs: readonly SnapshotProgress[]) => void;
  },
): Promise<void> {
  // What of a pattern is left out is told by whatever comes next.
  const { plans } = await chosenTables(await servers.mysql(), servers.config, wanted, () => undefined);
  const tables = new Set(plans.map(({ settings }) => settings.table));
  await withJobs(servers, async (jobs) => {
    for (;;) {
      const all = (await jobs.list()).filter(({ table }) => tables.has(table));
      onProgress?.(all);
      const [failed] = failedSnapshots(all);
      if (failed)
        throw fatal(
          'SNAPSHOT',
          `The load of ${failed.table} has failed: ${failed.error ?? 'see the log of trigger-relay'}`,
        );
      const done = new Set(all.filter(({ state }) => state === 'done').map(({ table }) => table));
      if (done.size === tables.size && !all.some(isUnderWay)) return;
      await sleep(LOOK_MS, undefined, { signal });
    }
  });
}
