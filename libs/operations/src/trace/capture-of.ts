import { captureReport, planUsable, suspensionOf, type Connection, type TablePlan } from '@tributary/capture';
import type { SyncConfig } from '@tributary/sync-config';

/** How a table is captured. */
export interface TableCapture {
  /** Where its columns and key can be read. */
  readonly plan: TablePlan | undefined;
  /** Why its changes are not captured; `null`: they are. */
  readonly notCaptured: { readonly reason: string; readonly next: string } | null;
}

export async function captureOf(
  connection: Connection,
  config: SyncConfig,
  table: string,
): Promise<TableCapture> {
  const usable = await planUsable(connection, config);
  const plan = usable.plan.plans.find(({ schema }) => schema.table === table);
  if (!plan) {
    const fault = usable.faults.find((one) => one.table === table);
    const skipped = usable.skipped.find((one) => one.table === table);
    const { reason, remedy } = fault
      ? suspensionOf(fault)
      : {
          reason:
            skipped?.reason ?? `No entry of the sync file matches ${table}, or the source has no such table.`,
          remedy:
            'Name it in the sync file if its rows are to be copied; tributary config check shows what is matched.',
        };
    return { plan: undefined, notCaptured: { reason, next: remedy } };
  }
  const { statuses } = await captureReport(connection, config, usable);
  const status = statuses.find((one) => one.table === table);
  const captured = status === undefined || !logsNothing.has(status.state);
  return {
    plan,
    notCaptured: captured
      ? null
      : {
          reason: `The triggers of ${table} do not log its changes (${status.state}): ${status.detail}`,
          next: 'tributary capture install',
        },
  };
}

/** Where changes are logged all the same, what became of them can be told. */
const logsNothing = new Set(['missing', 'copied', 'moved']);
