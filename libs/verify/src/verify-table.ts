import type { Connection } from '@tributary/capture';
import type { TargetName } from '@tributary/sync-config';
import { KnownVersions } from './known-versions';
import type { ScannedSide } from './scanned-side';
import { TargetComparison } from './target-comparison';
import type { TableReport, TableVerification } from './table-verification';

/** Candidates that are held at the end of a chunk without being re-checked: a few lag behind all the time. */
const MOST_CANDIDATES = 1_000;

/** Compares one table with its targets in both directions, in bounded memory, beside live changes. */
export const verifyTable = (run: TableVerification): Promise<TableReport[]> =>
  withSides(run, async (sides) => {
    await compareRows(run, sides);
    if (!run.signal?.aborted) await Promise.all(sides.map((side) => side.entries()));
  });

/** The same of a table that was scanned elsewhere: only the candidates are compared, in each of the targets that were scanned. */
export const verifyScanned = (
  run: TableVerification,
  scanned: ReadonlyMap<TargetName, ScannedSide>,
): Promise<TableReport[]> =>
  withSides(run, (sides) =>
    Promise.all(
      sides.map(async (side, at) => {
        const found = scanned.get(run.views[at]!.target);
        if (found) await side.scanned(found);
      }),
    ),
  );

async function withSides(
  run: TableVerification,
  compare: (sides: readonly TargetComparison[]) => Promise<unknown>,
): Promise<TableReport[]> {
  const known = new KnownVersions(run.source, run.views, run.deadLetters);
  const connections: Connection[] = [];
  try {
    const sides: TargetComparison[] = [];
    for (const view of run.views) {
      const connection = await run.connect();
      connections.push(connection);
      sides.push(new TargetComparison(run, view, known, connection));
    }
    await compare(sides);
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
    await Promise.all(sides.map((side) => side.settle(MOST_CANDIDATES)));
    await run.pace?.did(count);
    if (run.signal?.aborted) break;
  }
  await Promise.all(sides.map((side) => side.settle()));
}
