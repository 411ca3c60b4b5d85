import type { TablePlan } from '@tributary/capture';
import { targetSettings } from '@tributary/sync-config';
import { targetPlugins, type TargetPlugin } from '@tributary/targets';

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
  targets: readonly TargetPlugin[] = targetPlugins,
): LeftOut[] =>
  targets.flatMap(({ name, misfit: misfitOf }) => {
    const misfit = targetSettings(settings, name).enabled ? misfitOf(schema, settings) : null;
    return misfit ? [{ table: settings.table, ...misfit }] : [];
  });
