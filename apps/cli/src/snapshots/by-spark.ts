import { bulkSnapshot, type BulkSnapshotResult, type EngineOptions } from '@tributary/operations';
import { INTERRUPTED, untilInterrupted } from '../engine/until-interrupted';
import { count, duration } from '../output/format';
import { Progress } from '../output/progress';
import type { CommandContext } from '../run-command';

interface SparkLoadOptions extends EngineOptions {
  readonly table?: string;
  readonly where?: string;
  readonly rangeRows?: number;
  readonly rate?: number;
  readonly via?: 'kafka' | 'direct';
  readonly json?: boolean;
}

/** Loads tables by workers of a Spark cluster, and follows them to the end. */
export async function loadBySpark({
  operation,
  out,
  options,
}: CommandContext<SparkLoadOptions>): Promise<number> {
  const progress = new Progress('rows');
  const { table, where, rangeRows, rate, via, remote, master, worker } = options;
  try {
    const results = await untilInterrupted((signal) =>
      bulkSnapshot(
        { ...operation, signal },
        {
          ...{ table, where, rangeRows, rate, via, remote, master, worker },
          onProgress: (name, { rows, total }) => progress.update(name, rows, total),
          onTableEnd: (name) => progress.finish(name),
        },
      ),
    );
    progress.stop();
    if (results === null) {
      out.note('Interrupted. The same command goes on with the ranges that are left.');
      return INTERRUPTED;
    }
    if (options.json) out.json(results);
    else show(out, results);
    return results.every(({ state }) => state === 'done') ? 0 : 1;
  } finally {
    progress.stop();
  }
}

function show(out: CommandContext<SparkLoadOptions>['out'], results: readonly BulkSnapshotResult[]): void {
  out.table<BulkSnapshotResult>(
    [
      { head: 'load', value: ({ job }) => job, right: true },
      { head: 'table', value: ({ table }) => table },
      { head: 'state', value: ({ state }) => state },
      { head: 'rows', value: ({ rows }) => count(rows), right: true },
      { head: 'ranges', value: ({ ranges }) => count(ranges), right: true },
      { head: 'before', value: ({ rangesBefore }) => count(rangesBefore), right: true },
      { head: 'time', value: ({ seconds }) => duration(seconds), right: true },
    ],
    results,
  );
  for (const { table, job, state } of results)
    if (state === 'stopped')
      out.note(`Load ${job} of ${table} was paused or cancelled: see tributary snapshot status.`);
}
