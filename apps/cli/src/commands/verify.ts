import { Option, type Command } from 'commander';
import { fatal } from '@tributary/change-event';
import { readEnv, type Needs } from '@tributary/service';
import { targetNames } from '@tributary/verify';
import { runCommand } from '../run-command';
import { verifyContinuously } from '../verify/continuous';
import { portNumber, positive, positiveWhole, sampleSize, type VerifyOptions } from '../verify/options';
import { Pass, remaining, type Context } from '../verify/pass';
import { ReportFile } from '../verify/report-file';
import { asJson, show } from '../verify/show';
import { TargetViews, usesTarget } from '../verify/target-views';

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
    .option('--repair', 'send what differs through the pipeline again, then check it again')
    .addOption(
      new Option('--dry-run', 'say what --repair would do, and change nothing').implies({ repair: true }),
    )
    .option('--repair-rate <n>', 'rows repaired a second at most', positive, 500)
    .option('--rate <n>', 'rows compared a second at most (default: as fast as it goes)', positiveWhole)
    .option('--parallel <n>', 'tables compared side by side', positiveWhole, 2)
    .option('--continuous', 'compare again and again until SIGTERM or Ctrl-C')
    .option('--interval <seconds>', 'pause between two passes of --continuous', positive, 60)
    .option('--port <port>', 'serve /metrics (Prometheus) and /health here while --continuous', portNumber)
    .option(
      '--patience <seconds>',
      'how long the pipeline may stand still before a difference counts',
      positive,
      10,
    )
    .option('--examples <n>', 'differences shown for each table and target', positiveWhole, 5)
    .option('--report <file>', 'write every difference to this file, one JSON object a line')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `\nExit code: 0 equal, ${DIFFERENT} different, 1 could not check.\n\nExamples:\n  tributary verify --table github_data.users --target redis\n  tributary verify --repair --report differences.jsonl\n  tributary verify --continuous --rate 2000 --port 9464\n`,
    )
    .action(runCommand<VerifyOptions>(needsOf, verify));
}

/** Only the targets that the sync file uses are asked for. */
function needsOf({ target }: VerifyOptions): Needs {
  const { config } = readEnv({});
  return {
    ...{ mysql: true, kafka: true },
    mongodb: usesTarget(config, 'mongo', target),
    redis: usesTarget(config, 'redis', target),
  };
}

async function verify(context: Context): Promise<number> {
  const { servers, out, options } = context;
  if (options.port !== undefined && !options.continuous)
    throw fatal('USAGE', '--port serves the metrics of --continuous: give both, or neither.');
  const views = await TargetViews.open(servers, options.target);
  const report = options.report === undefined ? undefined : ReportFile.open(options.report);
  try {
    if (options.continuous) return (await verifyContinuously(context, views, report)).equal ? 0 : DIFFERENT;
    const found = await new Pass(context, views, report).run();
    if (options.json) out.json(asJson(found, context));
    else show(context, found);
    if (remaining(found) > 0) return DIFFERENT;
    return found.suspended.length > 0 ? NOT_CHECKED : 0;
  } finally {
    report?.close();
  }
}
