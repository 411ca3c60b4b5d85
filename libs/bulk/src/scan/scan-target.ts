import { fatal } from '@tributary/kernel';
import type { TargetName } from '@tributary/sync-config';
import type { ConnectedTarget } from '@tributary/targets';
import type { TaskWork } from '../worker/task-worker';
import { scanOutlet } from './scan-outlet';
import { targetTask, type ScanResult, type TargetTask } from './scan-task';
import { ScannedTables, type ScanSource } from './scanned-tables';

/** Tells what a target holds of tables, part by part; the source is asked for the tables' columns only. Closes the target. */
export function targetScanWork(
  source: ScanSource,
  name: TargetName,
  target: Pick<ConnectedTarget, 'scan' | 'writer'>,
): TaskWork<TargetTask, ScanResult> {
  const tables = new ScannedTables(source);
  return {
    schema: targetTask,
    async *run(task) {
      const scan = target.scan?.(await tables.of(task));
      if (!scan)
        throw fatal('TARGET', `Workers cannot scan the target ${name}: verify it with --engine node.`);
      const outlet = scanOutlet(task, 'target');
      for await (const entries of scan.entries(task.part, outlet.wanted)) {
        for (const entry of entries) outlet.add(name, entry, entry.ref);
        yield* outlet.lines();
      }
      yield* outlet.end();
    },
    close: () => target.writer.close(),
  };
}
