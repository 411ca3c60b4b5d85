import type { Command } from 'commander';
import { isSettled, rowHistory, everyServer, traceRow } from '@tributary/operations';
import { runCommand, type CommandContext } from '../run-command';
import { showHistory } from '../trace/show-history';
import { showTrace } from '../trace/show-trace';
import { timeOption } from './time-option';
import { positive } from '../verify/options';

interface TraceOptions {
  readonly seconds: number;
  readonly megabytes: number;
  readonly since?: Date;
  readonly json?: boolean;
}

const UNSETTLED = 2;

const keyHelp = `
The key's columns come in key order, each as an argument of its own: numbers in digits, bytes as 0x00ff, times like
2026-11-29T10:15:00 (a TIMESTAMP in UTC). A value that begins with a dash goes behind --.
`;

export function traceCommand(program: Command): void {
  searching(
    program
      .command('trace')
      .description('say where one row is between the source and the targets, and what to do')
      .argument('<database.table>', 'the table')
      .argument('<key...>', 'the values of its key columns'),
  )
    .addHelpText(
      'after',
      `${keyHelp}\nExit code: 0 in step, deleted or superseded, ${UNSETTLED} anything else, 1 could not look.\n\nExamples:\n  tributary trace github_data.users 583231\n  tributary trace shop.order_lines 7 2 --json\n`,
    )
    .action(runCommand<TraceOptions>(everyServer, trace));
}

export function historyCommand(program: Command): void {
  searching(
    program
      .command('history')
      .description('list the changes of one row, newest first, as far as the topics keep them')
      .argument('<database.table>', 'the table')
      .argument('<key...>', 'the values of its key columns')
      .option(
        '--since <time>',
        'only changes published from then on: 2h (ago), 2026-11-23T10:00:00Z',
        timeOption,
      ),
  )
    .addHelpText('after', `${keyHelp}\nExample:\n  tributary history github_data.users 583231 --since 2h\n`)
    .action(runCommand<TraceOptions>(everyServer, history));
}

const searching = (command: Command) =>
  command
    .option('--seconds <n>', 'how long each topic is searched at most', positive, 10)
    .option('--megabytes <n>', 'how much of each topic is read at most', positive, 256)
    .option('--json', 'print the result as JSON');

async function trace({ operation, out, options, args }: CommandContext<TraceOptions>): Promise<number> {
  const result = await traceRow(operation, input(args, options));
  if (options.json) out.json(result);
  else showTrace(out, result);
  return isSettled(result.verdict) ? 0 : UNSETTLED;
}

async function history({ operation, out, options, args }: CommandContext<TraceOptions>): Promise<void> {
  const result = await rowHistory(operation, { ...input(args, options), since: options.since });
  if (options.json) out.json(result);
  else showHistory(out, result);
}

function input(args: readonly unknown[], { seconds, megabytes }: TraceOptions) {
  const [table, key] = args as [string, readonly string[]];
  return { table, key, searchMs: seconds * 1000, searchBytes: megabytes * 2 ** 20 };
}
