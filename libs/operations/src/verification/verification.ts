import { readEnv, type Needs } from '@tributary/service';
import type { TargetName } from '@tributary/sync-config';
import type { OperationContext } from '../context';
import { openTargets, type OpenTargets } from '../targets/open-targets';
import { comparedTargets, refuseNone } from './compared-targets';
import { verifyContinuously, type ContinuousInput } from './continuous';
import type { VerificationInput } from './input';
import { VerificationRun } from './verification-run';
import { type VerificationResult } from './verification-result';

/** Only the targets that the sync file uses are asked for. */
export function verificationNeeds({ target }: Pick<VerificationInput, 'target'>): Needs {
  const { config } = readEnv({});
  return { mysql: true, kafka: true, targets: comparedTargets(config, target) };
}

/** Compares the source with the targets, and repairs them through the pipeline, beside live changes. */
export class Verification {
  private constructor(
    private readonly context: OperationContext,
    private readonly targets: OpenTargets,
  ) {}

  /** Throws a SyncError when a target cannot be had, or when nothing goes to the one that is asked for. */
  static async open(context: OperationContext, target: TargetName | undefined): Promise<Verification> {
    const { servers } = context;
    const targets = comparedTargets(servers.config, target);
    refuseNone(targets, target);
    return new Verification(context, await openTargets(servers, targets));
  }

  once(input: VerificationInput): Promise<VerificationResult> {
    return new VerificationRun(this.context, input, this.targets).run();
  }

  /** Until the signal aborts. */
  continuously(input: ContinuousInput, signal: AbortSignal): Promise<{ readonly equal: boolean }> {
    return verifyContinuously({ ...this.context, signal }, input, this.targets);
  }
}
