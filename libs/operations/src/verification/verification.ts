import { readEnv, type Needs } from '@tributary/service';
import type { TargetName } from '@tributary/verify';
import type { OperationContext } from '../context';
import { verifyContinuously, type ContinuousInput } from './continuous';
import type { VerificationInput } from './input';
import { TargetViews, usesTarget } from './target-views';
import { VerificationRun, type VerificationResult } from './verification-run';

/** Only the targets that the sync file uses are asked for. */
export function verificationNeeds({ target }: Pick<VerificationInput, 'target'>): Needs {
  const { config } = readEnv({});
  return {
    ...{ mysql: true, kafka: true },
    mongodb: usesTarget(config, 'mongo', target),
    redis: usesTarget(config, 'redis', target),
  };
}

/** Compares the source with the targets, and repairs them through the pipeline, beside live changes. */
export class Verification {
  private constructor(
    private readonly context: OperationContext,
    private readonly views: TargetViews,
  ) {}

  /** Throws a SyncError when a target cannot be had, or when nothing goes to the one that is asked for. */
  static async open(context: OperationContext, target: TargetName | undefined): Promise<Verification> {
    return new Verification(context, await TargetViews.open(context.servers, target));
  }

  once(input: VerificationInput): Promise<VerificationResult> {
    return new VerificationRun(this.context, input, this.views).run();
  }

  /** Until the signal aborts. */
  continuously(input: ContinuousInput, signal: AbortSignal): Promise<{ readonly equal: boolean }> {
    return verifyContinuously({ ...this.context, signal }, input, this.views);
  }
}
