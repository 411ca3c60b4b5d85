import { fatal } from '@tributary/kernel';
import type { OperationContext } from '../context';
import { usedPlugins } from '../targets/open-targets';
import { drainOf } from './drain';
import type { VerificationInput } from './input';

/**
 * Resolves when the targets hold all that was committed in the source before the call. Throws a fatal SyncError `LAG` that says
 * which stage stands still.
 */
export async function untilApplied(
  context: OperationContext,
  input: Pick<VerificationInput, 'patienceMs'>,
): Promise<void> {
  const { servers } = context;
  const signal = context.signal ?? new AbortController().signal;
  const drain = drainOf(context, await servers.mysql(), input, signal);
  for (const { name } of usedPlugins(servers.config)) {
    const drained = await drain.wait(name);
    signal.throwIfAborted();
    if (!drained.passed)
      throw fatal(
        'LAG',
        `The targets do not follow (${drained.why}): see tributary status, then run tributary verify.`,
      );
  }
}
