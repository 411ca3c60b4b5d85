import type { Verification } from '@tributary/operations';
import { interruptible } from '../engine/until-interrupted';
import type { CommandContext } from '../run-command';
import { verificationInput } from './input';
import type { VerifyOptions } from './options';
import type { ReportFile } from './report-file';
import { asJson, show } from './show';

/** Prints each run until SIGTERM or Ctrl-C, which lets the chunk at hand end; a second one ends the process. */
export async function verifyContinuously(
  verification: Verification,
  context: CommandContext<VerifyOptions>,
  report: ReportFile | undefined,
): Promise<{ readonly equal: boolean }> {
  const { options, out } = context;
  const input = {
    ...verificationInput(options, report),
    ...{ intervalMs: options.interval * 1000, port: options.port },
  };
  return interruptible((signal) =>
    verification.continuously(
      {
        ...input,
        onRun(pass, found) {
          const at = new Date().toISOString();
          if (options.json) return out.json({ pass, at, ...asJson(found, context) });
          out.line(`Pass ${pass}, ${at}`);
          show(context, found);
        },
      },
      signal,
    ),
  );
}
