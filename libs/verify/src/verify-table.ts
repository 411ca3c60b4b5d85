import type { Connection } from '@tributary/capture';
import type { DeadLetters } from './dead-letters';
import type { Difference, TargetName, TargetView } from './difference';
import { KnownVersions } from './known-versions';
import type { Pace } from './pace';
import type { PipelineBarrier } from './pipeline-barrier';
import type { RepairOutcome } from './repair';
import type { SourceTable } from './source-table';
import { TableSide } from './table-side';

/** What was found of one table in one target. */
export interface TableReport {
  readonly table: string;
  readonly target: TargetName;
  /** Rows of the source that were compared. */
  rows: number;
  equal: number;
  missing: number;
  extra: number;
  different: number;
  stale: number;
  index: number;
  /** Rows that the source changed at every look, so that nothing can be said of them; counted as equal. */
  unsettled: number;
  /** With repair: differences that are gone now, and those that are still there. */
  repaired: number;
  notRepaired: number;
  seconds: number;
}

/** A difference with what became of its repair, when one was asked for. */
export interface SettledDifference extends Difference {
  readonly repair?: RepairOutcome;
}

export interface TableVerification {
  readonly source: SourceTable;
  readonly views: readonly TargetView[];
  readonly barrier: Pick<PipelineBarrier, 'passed'>;
  /** Makes a connection for look-ups beside the scan, which is closed at the end. */
  connect(): Promise<Connection>;
  readonly deadLetters?: Pick<DeadLetters, 'newest'>;
  /** Compares a part of the rows only, taken by chance: how many of the table's, from 0 to 1. */
  readonly sample?: { readonly part: number; readonly entries: number };
  /** Rows a second at most. */
  readonly pace?: Pace;
  /** Ends the comparison after the chunk at hand; the report then holds what was done. */
  readonly signal?: AbortSignal;
  onRows?(rows: number): void;
  onDifference?(difference: SettledDifference): void;
  /** Mends confirmed differences; gives what became of each. */
  repair?(differences: readonly Difference[], view: TargetView): Promise<RepairOutcome[]>;
}

/** Suspects that are held at the end of a chunk without being re-checked: a few lag behind all the time. */
const MOST_SUSPECTS = 1_000;

/** Compares one table with its targets in both directions, in bounded memory, beside live changes. */
export async function verifyTable(run: TableVerification): Promise<TableReport[]> {
  const known = new KnownVersions(run.source, run.views, run.deadLetters);
  const connections: Connection[] = [];
  try {
    const sides: TableSide[] = [];
    for (const view of run.views) {
      const connection = await run.connect();
      connections.push(connection);
      sides.push(new TableSide(run, view, known, connection));
    }
    await compareRows(run, sides);
    if (!run.signal?.aborted) await Promise.all(sides.map((side) => side.entries()));
    return sides.map((side) => side.end());
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

/** Source to target, with the next rows being read while those at hand are compared. */
async function compareRows(run: TableVerification, sides: readonly TableSide[]): Promise<void> {
  // RAND() is asked for each row, so each has the same chance, whatever its key and its neighbours.
  const where = run.sample && run.sample.part < 1 ? `RAND() < ${run.sample.part}` : null;
  for await (const chunk of run.source.chunks(where, run.pace?.perSecond)) {
    let count = 0;
    let comparing: Promise<unknown> = Promise.resolve();
    for await (const rows of chunk) {
      await comparing;
      comparing = Promise.all(sides.map((side) => side.rows(rows)));
      // It is awaited, and fails the run, with the next slice.
      comparing.catch(() => undefined);
      run.onRows?.(rows.length);
      count += rows.length;
    }
    await comparing;
    // No statement is open here, so that it may take its time.
    await Promise.all(sides.map((side) => side.settle(MOST_SUSPECTS)));
    await run.pace?.did(count);
    if (run.signal?.aborted) break;
  }
  await Promise.all(sides.map((side) => side.settle()));
}
