import { setTimeout as sleep } from 'node:timers/promises';
import { SyncError } from '@tributary/change-event';
import { explain } from '../explain';
import { Pass, remaining, type Context } from './pass';
import type { ReportFile } from './report-file';
import { asJson, show } from './show';
import type { TargetViews } from './target-views';
import { VerifyMetrics } from './verify-metrics';

/** Compares again and again until SIGTERM or Ctrl-C, and gives the state that the last whole pass found. */
export async function verifyContinuously(
  context: Context,
  views: TargetViews,
  report: ReportFile | undefined,
): Promise<{ readonly equal: boolean }> {
  const { options, out } = context;
  const stop = new AbortController();
  const onSignal = () => (stop.signal.aborted ? process.exit(130) : stop.abort());
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, onSignal);
  const metrics = new VerifyMetrics();
  const server = options.port === undefined ? undefined : await metrics.serve(options.port);
  if (server) out.note(`Metrics at http://0.0.0.0:${server.port}/metrics`);
  let equal = true;
  try {
    for (let pass = 1; !stop.signal.aborted; pass += 1) {
      try {
        const found = await new Pass(context, views, report, stop.signal).run();
        if (stop.signal.aborted) {
          // What a part of a pass found is no less true.
          equal = equal && remaining(found) === 0;
          break;
        }
        equal = remaining(found) === 0;
        metrics.passed(found);
        if (options.json) out.json({ pass, at: new Date().toISOString(), ...asJson(found, context) });
        else {
          out.line(`Pass ${pass}, ${new Date().toISOString()}`);
          show(context, found);
        }
      } catch (error) {
        // The first pass shows whether it can work at all; later ones meet servers that go away and come back.
        if (pass === 1 || (error instanceof SyncError && error.kind === 'fatal')) throw error;
        metrics.failed();
        out.note(`Pass ${pass} could not be done: ${explain(error)} It is tried again.`);
      }
      await sleep(options.interval * 1000, undefined, { signal: stop.signal }).catch(() => undefined);
    }
    return { equal };
  } finally {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.off(name, onSignal);
    server?.close();
  }
}
