import { setTimeout as sleep } from 'node:timers/promises';
import type { TableCounts } from '@tributary/gh-archive';
import type { Target, TargetName } from './targets';

export interface LoadWatch {
  /** Told about every quarter of a second. */
  readonly onProgress?: (target: TargetName, rows: number) => void;
  /** Gives up when no target gained a row for so long; default 120 s. */
  readonly stallMs?: number;
  readonly signal?: AbortSignal;
}

const total = ({ users, repositories }: TableCounts) => users + repositories;

/**
 * Waits until each target holds as many rows as the source had when nothing changed there. Equal numbers are not
 * equal rows: `tributary verify` judges that. Returns the seconds that each target took.
 */
export async function waitForInitialLoad(
  targets: readonly Target[],
  expected: TableCounts,
  { onProgress, stallMs = 120_000, signal }: LoadWatch = {},
): Promise<Record<TargetName, number>> {
  const startedAt = performance.now();
  const seconds = {} as Record<TargetName, number>;
  await Promise.all(
    targets.map(async (target) => {
      let rows = -1;
      let gainedAt = performance.now();
      for (;;) {
        signal?.throwIfAborted();
        const now = await target.counts();
        if (total(now) !== rows) gainedAt = performance.now();
        rows = total(now);
        onProgress?.(target.name, rows);
        if (now.users >= expected.users && now.repositories >= expected.repositories) break;
        if (performance.now() - gainedAt > stallMs)
          throw new Error(
            `${target.name} holds ${rows} of ${total(expected)} rows and got none for ${stallMs / 1000} s.`,
          );
        await sleep(250, undefined, { signal });
      }
      seconds[target.name] = (performance.now() - startedAt) / 1000;
    }),
  );
  return seconds;
}
