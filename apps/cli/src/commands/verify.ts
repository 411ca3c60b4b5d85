import { Option, type Command } from 'commander';
import {
  Verification,
  verificationNeeds,
  verifyDefaults,
  type VerificationResult,
} from '@tributary/operations';
import { targetNames } from '@tributary/sync-config';
import { engineOptions } from '../engine/engine-options';
import { INTERRUPTED, untilInterrupted } from '../engine/until-interrupted';
import { runCommand, type CommandContext } from '../run-command';
import { verifyContinuously } from '../verify/continuous';
import { DIFFERENT, exitCodeOf } from '../verify/exit-code';
import { verificationInput } from '../verify/input';
import {
  portNumber,
  positive,
  positiveWhole,
  refuseClashes,
  sampleSize,
  type VerifyOptions,
} from '../verify/options';
import { ReportFile } from '../verify/report-file';
import { asJson, show } from '../verify/show';

export function verifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('compare every row of the source with both targets, beside live changes')
    .option('--table <database.table>', 'this table only; * stands for any characters')
    .addOption(new Option('--target <target>', 'this target only').choices(targetNames))
    .addOption(
      new Option('--sample [n|p%]', 'only so many rows of each table, taken by chance')
        .preset('1000')
        .argParser(sampleSize),
    )
    .option('--after-load', 'wait first until every table has been loaded')
    .option('--repair', 'send what differs through the pipeline again, then check it again')
    .addOption(
      new Option('--dry-run', 'say what --repair would do, and change nothing').implies({ repair: true }),
    )
    .option('--repair-rate <n>', 'rows repaired a second at most', positive, verifyDefaults.repairRate)
    .option('--rate <n>', 'rows compared a second at most (default: as fast as it goes)', positiveWhole)
    .option(
      '--parallel <n>',
      `tables compared side by side; with Spark those of which differences are looked at and repaired (default: ${verifyDefaults.parallel})`,
      positiveWhole,
    )
    .option('--continuous', 'compare again and again until SIGTERM or Ctrl-C')
    .option('--interval <seconds>', 'pause between two passes of --continuous', positive, 60)
    .option('--port <port>', 'serve /metrics (Prometheus) and /health here while --continuous', portNumber)
    .option(
      '--patience <seconds>',
      'how long the pipeline may stand still before a difference counts',
      positive,
      verifyDefaults.patienceSeconds,
    )
    .option(
      '--examples <n>',
      'differences shown for each table and target',
      positiveWhole,
      verifyDefaults.examples,
    )
    .option('--report <file>', 'write every difference to this file, one JSON object a line');
  engineOptions(command)
    .option(
      '--range-rows <n>',
      'with spark: rows of a range (default: by the table and the cluster)',
      positiveWhole,
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action(runCommand<VerifyOptions>(verificationNeeds, verify));
}

const help = `
With --engine spark workers of a Spark cluster scan the source and both targets and compare digests; only the candidates
that they find are looked at row by row, as without it (docs/spark.md).

Exit code: 0 equal, ${DIFFERENT} different, 1 could not check.

Examples:
  tributary verify --table github_data.users --target redis
  tributary verify --repair --report differences.jsonl
  tributary verify --continuous --rate 2000 --port 9464
  tributary verify --engine spark --remote sc://spark:15002
`;

async function verify(context: CommandContext<VerifyOptions>): Promise<number> {
  const { operation, options } = context;
  refuseClashes(options);
  // Loads what knows the jobs only when it is asked for.
  if (options.afterLoad) await (await import('../verify/after-load')).afterLoad(context);
  const open = (signal?: AbortSignal) =>
    Verification.open({ ...operation, ...(signal && { signal }) }, options.target);
  const report = options.report === undefined ? undefined : ReportFile.open(options.report);
  try {
    if (options.continuous)
      return (await verifyContinuously(await open(), context, report)).equal ? 0 : DIFFERENT;
    const once = async (signal?: AbortSignal) => {
      const found = await (await open(signal)).once(verificationInput(options, report));
      return told(context, found, signal?.aborted === true);
    };
    if (options.engine === 'node') return await once();
    // A statement goes on in the cluster unless it is interrupted there too.
    const code = await untilInterrupted(once);
    if (code === null) context.out.note('Interrupted: nothing was compared to the end.');
    return code ?? INTERRUPTED;
  } finally {
    report?.close();
  }
}

/** Prints what was found, and gives the exit code. */
function told(
  context: CommandContext<VerifyOptions>,
  found: VerificationResult,
  interrupted: boolean,
): number {
  if (context.options.json) context.out.json(asJson(found, context));
  else show(context, found);
  if (interrupted) {
    context.out.note('Interrupted: what is not in the result was not compared.');
    return INTERRUPTED;
  }
  return exitCodeOf(found);
}
