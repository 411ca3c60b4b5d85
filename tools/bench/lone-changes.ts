import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { orderRow } from './order-row';
import { TABLE } from './source';
import type { Target, TargetName } from './targets';

export interface Delay {
  readonly medianMs: number;
  readonly p99Ms: number;
}

const LOOK_MS = 1;
const GIVE_UP_MS = 30_000;

export interface LoneChanges {
  readonly firstId: number;
  /** How many there are at most. */
  readonly changes: number;
  /** Ends them before. */
  readonly isOver?: () => boolean;
  readonly signal: AbortSignal;
}

/** Times inserts from the answer to their commit until a target shows them, one after another. */
export async function timeLoneChanges(
  connection: Connection,
  targets: readonly Target[],
  { firstId, changes, isOver = () => false, signal }: LoneChanges,
): Promise<Record<TargetName, Delay>> {
  const delays = new Map<TargetName, number[]>(targets.map(({ name }) => [name, []]));
  for (let id = firstId; id < firstId + changes && !isOver(); id += 1) {
    await connection.query(`INSERT INTO ${TABLE} VALUES ?`, [[orderRow(id)]]);
    const committedAt = performance.now();
    await Promise.all(
      targets.map(async (target) => {
        while (!(await target.has(id))) {
          if (performance.now() - committedAt > GIVE_UP_MS)
            throw new Error(`A lone change did not reach ${target.name} within ${GIVE_UP_MS / 1000} s.`);
          await sleep(LOOK_MS, undefined, { signal });
        }
        delays.get(target.name)!.push(performance.now() - committedAt);
      }),
    );
    // Not in step with the relay's polls, which would make all samples alike.
    await sleep(40 + ((id * 7) % 60), undefined, { signal });
  }
  return Object.fromEntries([...delays].map(([name, all]) => [name, summary(all)])) as Record<
    TargetName,
    Delay
  >;
}

function summary(delays: readonly number[]): Delay {
  const sorted = [...delays].sort((a, b) => a - b);
  const rank = (part: number) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
  return { medianMs: rank(0.5), p99Ms: rank(0.99) };
}
