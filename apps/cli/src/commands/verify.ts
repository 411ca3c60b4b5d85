import { Option, type Command } from 'commander';
import { fatal } from '@tributary/kernel';
import { differencesLeft, Verification, verificationNeeds, verifyDefaults } from '@tributary/operations';
import { targetNames } from '@tributary/sync-config';
import { runCommand, type CommandContext } from '../run-command';
import { verifyContinuously } from '../verify/continuous';
import { verificationInput } from '../verify/input';
import { portNumber, positive, positiveWhole, sampleSize, type VerifyOptions } from '../verify/options';
import { ReportFile } from '../verify/report-file';
import { asJson, show } from '../verify/show';

const DIFFERENT = 2;
/** A chosen table is suspended; the others are equal. */
const NOT_CHECKED = 1;

export function verifyCommand(program: Command): void {
  program
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
    .option('--parallel <n>', 'tables compared side by side', positiveWhole, verifyDefaults.parallel)
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
    .option('--report <file>', 'write every difference to this file, one JSON object a line')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `\nExit code: 0 equal, ${DIFFERENT} different, 1 could not check.\n\nExamples:\n  tributary verify --table github_data.users --target redis\n  tributary verify --repair --report differences.jsonl\n  tributary verify --continuous --rate 2000 --port 9464\n`,
    )
    .action(runCommand<VerifyOptions>(verificationNeeds, verify));
}

async function verify(context: CommandContext<VerifyOptions>): Promise<number> {
  const { operation, out, options } = context;
  if (options.port !== undefined && !options.continuous)
    throw fatal('USAGE', '--port serves the metrics of --continuous: give both, or neither.');
  // Loads what knows the jobs only when it is asked for.
  if (options.afterLoad) await (await import('../verify/after-load')).afterLoad(context);
  const verification = await Verification.open(operation, options.target);
  const report = options.report === undefined ? undefined : ReportFile.open(options.report);
  try {
    if (options.continuous)
      return (await verifyContinuously(verification, context, report)).equal ? 0 : DIFFERENT;
    const found = await verification.once(verificationInput(options, report));
    if (options.json) out.json(asJson(found, context));
    else show(context, found);
    if (differencesLeft(found) > 0) return DIFFERENT;
    return found.suspended.length > 0 ? NOT_CHECKED : 0;
  } finally {
    report?.close();
  }
}
