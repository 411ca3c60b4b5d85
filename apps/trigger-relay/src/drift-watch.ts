import { setTimeout as sleep } from 'node:timers/promises';
import {
  captureStatus,
  describeTables,
  installCapture,
  type CaptureState,
  type CaptureStatus,
  type Connection,
  type TablePlan,
} from '@tributary/capture';
import type { ServiceContext } from '@tributary/service';
import type { SnapshotJobs } from '@tributary/snapshot';
import { TruncateWatch } from './truncate-watch';

export interface DriftDeps {
  readonly context: ServiceContext;
  readonly connection: Connection;
  readonly jobs: SnapshotJobs;
  /** The tables as they are captured; brought up to date in place. */
  readonly plans: Map<string, TablePlan>;
}

const CHECK_EVERY_MS = 5_000;

/** States that a re-installation mends, and whether changes or columns may have been missed meanwhile. */
const mendable: Partial<Record<CaptureState, { reload: boolean }>> = {
  missing: { reload: true },
  stale: { reload: true },
  duplicate: { reload: false },
  definer: { reload: false },
  changed: { reload: true },
};

/**
 * Compares tables and triggers every few seconds: what an ALTER TABLE, a table swap or a new table of a pattern
 * left uncaptured is captured again and loaded anew.
 */
export async function watchDrift(deps: DriftDeps, signal: AbortSignal): Promise<void> {
  const { connection, context } = deps;
  const truncates = new TruncateWatch(context, connection);
  let reported = '';
  while (!signal.aborted) {
    await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const drifted = (await captureStatus(connection, context.env.config)).filter(
      ({ state }) => state !== 'ok',
    );
    const message = drifted.map(({ detail }) => detail).join(' ');
    if (message !== reported && message !== '')
      context.log.warn({ tables: drifted.map(({ table }) => table) }, message);
    reported = message;
    await truncates.check(deps.plans);
    const torn = drifted.filter(({ state }) => mendable[state]);
    if (torn.length > 0) await mend(deps, torn);
  }
}

async function mend(
  { connection, context, jobs, plans }: DriftDeps,
  torn: readonly CaptureStatus[],
): Promise<void> {
  const { config } = context.env;
  const tables = torn.map(({ table }) => table);
  try {
    await installCapture(connection, config, { tables });
    for (const plan of await describeTables(connection, config)) plans.set(plan.schema.table, plan);
  } catch (error) {
    // The table may be in the middle of an ALTER, or no longer fit for capture; the next check tries again.
    context.log.error({ tables, error }, 'capture could not be repaired yet');
    return;
  }
  for (const { table, state } of torn) if (mendable[state]?.reload) await jobs.start(table);
  context.log.info({ tables }, 'capture was repaired');
}
