import type { Connection } from '@tributary/capture';
import { KnownVersions } from './known-versions';
import { TargetComparison } from './target-comparison';
import type { TableReport, TableVerification } from './table-verification';

/** Candidates that are held at the end of a chunk without being re-checked: a few lag behind all the time. */
const MOST_SUSPECTS = 1_000;

/** Compares one table with its targets in both directions, in bounded memory, beside live changes. */
export async function verifyTable(run: TableVerification): Promise<TableReport[]> {
  const known = new KnownVersions(run.source, run.views, run.deadLetters);
  const connections: Connection[] = [];
  try {
    const sides: TargetComparison[] = [];
    for (const view of run.views) {
      const connection = await run.connect();
      connections.push(connection);
      sides.push(new TargetComparison(run, view, known, connection));
    }
    await compareRows(run, sides);
    if (!run.signal?.aborted) await Promise.all(sides.map((side) => side.entries()));
    return sides.map((side) => side.end());
  } finally {
    for (const connection of connections) connection.destroy();
  }
}

/** Source to target, with the next rows being read while those at hand are compared. */
async function compareRows(run: TableVerification, sides: readonly TargetComparison[]): Promise<void> {
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
