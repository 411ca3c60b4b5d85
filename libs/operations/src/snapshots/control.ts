import { fatal } from '@tributary/kernel';
import type { OperationContext } from '../context';
import { matchesTable } from '../tables/chosen-tables';
import { withJobs } from './with-jobs';

export const snapshotActions = ['pause', 'resume', 'cancel'] as const;
export type SnapshotAction = (typeof snapshotActions)[number];

export interface SnapshotChoice {
  readonly table?: string | undefined;
  /** The number of one snapshot job. */
  readonly job?: string | undefined;
}

/** Changes the snapshots that are meant; answers how many there were to change. Throws a fatal SyncError `NO_SNAPSHOT` when none is meant. */
export function controlSnapshots(
  { servers }: OperationContext,
  action: SnapshotAction,
  choice: SnapshotChoice,
): Promise<number> {
  return withJobs(servers, async (jobs) => {
    const known = (await jobs.list()).filter(
      ({ id, table }) => matchesTable(choice.table, table) && (choice.job === undefined || id === choice.job),
    );
    if (known.length === 0 && (choice.table ?? choice.job) !== undefined)
      throw fatal('NO_SNAPSHOT', 'No load is of this table or number: see tributary snapshot status.');
    return jobs.control(
      action,
      known.map(({ id }) => id),
    );
  });
}
