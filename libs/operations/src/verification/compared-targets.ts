import { fatal } from '@tributary/kernel';
import type { SyncConfig, TargetName } from '@tributary/sync-config';
import type { TargetPlugin } from '@tributary/targets';
import { usedPlugins } from '../targets/open-targets';

/** The targets that tables of the sync file go to, or the one that is asked for. */
export const comparedTargets = (config: SyncConfig, asked: TargetName | undefined): TargetPlugin[] =>
  usedPlugins(config).filter(({ name }) => asked === undefined || asked === name);

/** Throws a fatal SyncError when nothing goes to the target that is asked for. */
export function refuseNone(targets: readonly TargetPlugin[], asked: TargetName | undefined): void {
  if (targets.length === 0)
    throw fatal(
      'VERIFY',
      `The sync file sends no table to ${asked ?? 'a target'}: there is nothing to verify.`,
    );
}
