import { snapshotStatus, type OperationContext, type SnapshotProgress } from '@tributary/operations';

/** Of more nobody wants to know. */
const MOST = 500;

const isOpen = ({ state }: SnapshotProgress) =>
  state === 'queued' || state === 'running' || state === 'paused';

/** Snapshot jobs, newest first: all that are open, and of the others the newest. */
export async function newestSnapshots(
  operation: OperationContext,
  { table }: { readonly table?: string } = {},
): Promise<readonly SnapshotProgress[]> {
  const jobs = [...(await snapshotStatus(operation, { table }))].sort((a, b) =>
    Number(BigInt(b.id) - BigInt(a.id)),
  );
  return jobs.filter((job, at) => at < MOST || isOpen(job));
}
