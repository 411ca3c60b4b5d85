import { SyncError, pause } from '@tributary/kernel';
import type { OperationContext } from '../context';
import { explain } from '../explain';
import type { OpenTargets } from '../targets/open-targets';
import type { VerificationInput } from './input';
import { VerificationRun } from './verification-run';
import { differencesLeft, type VerificationResult } from './verification-result';

export interface ContinuousInput extends VerificationInput {
  /** Pause between two runs. */
  readonly intervalMs: number;
  /** Serve `/metrics` (Prometheus) and `/health` there. */
  readonly port?: number | undefined;
  readonly onRun: (run: number, result: VerificationResult) => void;
}

/** Compares again and again until the signal aborts, and gives the state that the last whole run found. */
export async function verifyContinuously(
  context: OperationContext,
  input: ContinuousInput,
  targets: OpenTargets,
): Promise<{ readonly equal: boolean }> {
  const { servers, note, signal } = context;
  const { port } = input;
  // Loaded when it is asked for: no other use case needs an HTTP server.
  const app =
    port === undefined ? undefined : await (await import('./metrics-app')).serveMetrics(servers.env, port);
  if (app) note(`Metrics at ${app.url}`);
  let equal = true;
  try {
    for (let run = 1; !signal?.aborted; run += 1) {
      try {
        const result = await new VerificationRun(context, input, targets).run();
        if (signal?.aborted) {
          // What a part of a run found is no less true.
          equal = equal && differencesLeft(result) === 0;
          break;
        }
        equal = differencesLeft(result) === 0;
        app?.metrics.ran(result);
        input.onRun(run, result);
      } catch (error) {
        // The first run shows whether it can work at all; later ones meet servers that go away and come back.
        if (run === 1 || (error instanceof SyncError && error.kind === 'fatal')) throw error;
        app?.metrics.failed();
        note(`Pass ${run} could not be done: ${explain(error)} It is tried again.`);
      }
      await pause(input.intervalMs, signal);
    }
    return { equal };
  } finally {
    await app?.close();
  }
}
