import { fatal } from '@tributary/kernel';
import { targetNames, type TargetName } from '@tributary/sync-config';

/** Throws a fatal SyncError `USAGE` that lists the targets when there is none of that name. */
export function requireTarget(target: TargetName | undefined): void {
  if (target !== undefined && !targetNames.includes(target))
    throw fatal('USAGE', `${target} is no target: use one of ${targetNames.join(', ')}.`);
}
