import type { TablePlan } from '@tributary/capture';
import { misfitOf } from '@tributary/targets';
import { targetNames, type TargetName } from '@tributary/verify';

/** A table that some stage leaves out, and why. */
export interface LeftOut {
  readonly table: string;
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Why the sinks leave a table out: its key or columns do not fit the settings of the sync file. */
export const misfits = (
  { settings, schema }: TablePlan,
  targets: readonly TargetName[] = targetNames,
): LeftOut[] =>
  targets.flatMap((target) => {
    const misfit = settings[target].enabled ? misfitOf(target, settings, schema) : undefined;
    return misfit ? [{ table: settings.table, ...misfit }] : [];
  });
