import { InvalidArgumentError, type Command } from 'commander';
import { fatal } from '@tributary/kernel';
import { RESEND_RATE, resendRows } from '@tributary/operations';
import { count } from '../output/format';
import { runCommand, type CommandContext } from '../run-command';
import { positive } from '../verify/options';

interface ResendOptions {
  readonly table: string;
  readonly key?: readonly string[];
  readonly where?: string;
  readonly range?: { readonly from?: string; readonly to?: string };
  readonly rate: number;
  readonly json?: boolean;
}

const SOME_LOCKED = 1;

export function resendCommand(program: Command): void {
  program
    .command('resend')
    .description('send the present state of rows through the pipeline again, beside live changes')
    .requiredOption('--table <database.table>', 'the table')
    .option('--key <value...>', 'the row of this key: the values of its key columns, as trace takes them')
    .option('--where <sql>', 'the rows that this condition is true of')
    .option(
      '--range <from..to>',
      'the rows whose key is in this range, both ends included; either may be left out',
      range,
    )
    .option('--rate <n>', 'rows a second at most', positive, RESEND_RATE)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `\nExit code: 0 all were sent, ${SOME_LOCKED} some were locked by other transactions, or an error.\n\nExamples:\n  tributary resend --table shop.orders --key 7\n  tributary resend --table shop.orders --range 1000..1999\n`,
    )
    .action(runCommand<ResendOptions>({ mysql: true }, resend));
}

function range(text: string): ResendOptions['range'] {
  const [from, to, ...more] = text.split('..') as [string, string?, ...string[]];
  if (to === undefined || more.length > 0 || (from === '' && to === ''))
    throw new InvalidArgumentError('It must look like 1..100, 1.. or ..100.');
  return { ...(from !== '' && { from }), ...(to !== '' && { to }) };
}

async function resend({ operation, out, options }: CommandContext<ResendOptions>): Promise<number> {
  const { table, key, where, range: keys, rate } = options;
  if ([key, where, keys].filter((one) => one !== undefined).length !== 1)
    throw fatal('USAGE', 'Say which rows: give one of --key, --where and --range.');
  const result = await resendRows(operation, { table, key, where, range: keys, rate });
  if (options.json) out.json(result);
  else
    out.line(
      `${count(result.rows)} rows are sent again; tributary trace and tributary status show how far they are.`,
    );
  if (result.locked > 0)
    out.note(
      `${count(result.locked)} rows were kept locked by other transactions: try again when these have ended.`,
    );
  return result.locked > 0 ? SOME_LOCKED : 0;
}
