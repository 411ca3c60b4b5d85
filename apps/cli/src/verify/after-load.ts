import { isUnderWay, untilLoaded } from '@tributary/operations';
import type { CommandContext } from '../run-command';
import { SnapshotBars } from '../snapshots/snapshot-bars';
import type { VerifyOptions } from './options';

/** Waits for the loads of the tables that are meant, and shows how far they are. */
export async function afterLoad({
  operation,
  out,
  options: { table },
}: CommandContext<VerifyOptions>): Promise<void> {
  const bars = new SnapshotBars((text) => out.note(text));
  await untilLoaded(operation, {
    table,
    onProgress: (jobs) => bars.show(jobs, jobs.filter(isUnderWay)),
  }).finally(() => bars.stop());
}
