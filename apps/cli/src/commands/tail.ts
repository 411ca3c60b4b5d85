import { styleText } from 'node:util';
import type { Command } from 'commander';
import { tailChanges, type TailedChange } from '@tributary/operations';
import { printable } from '../output/format';
import type { Output } from '../output/output';
import { runCommand, type CommandContext } from '../run-command';

interface TailOptions {
  readonly key?: readonly string[];
  readonly mask?: boolean;
  readonly json?: boolean;
}

export function tailCommand(program: Command): void {
  program
    .command('tail')
    .description('show changes as they come to the targets, until Ctrl-C')
    .argument('[database.table]', 'this table only; * stands for any characters')
    .option('--key <value...>', 'one row: the values of its key columns, as trace takes them')
    .option('--mask', 'show which columns changed and no value but the key')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', '\nExamples:\n  tributary tail\n  tributary tail shop.orders --key 7\n')
    .action(runCommand<TailOptions>(({ key }) => ({ kafka: true, mysql: key !== undefined }), tail));
}

async function tail({ operation, out, options, args }: CommandContext<TailOptions>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const input = { table: args[0], key: options.key };
  out.note('Waiting for changes; Ctrl-C ends it.');
  for await (const change of tailChanges({ ...operation, signal: stop.signal }, input)) {
    const shown = options.mask ? masked(change) : change;
    if (options.json) out.line(JSON.stringify(shown));
    else show(out, shown);
  }
}

const HIDDEN = '***';

const hidden = (value: unknown) =>
  value === undefined || value === null ? (value as null | undefined) : HIDDEN;

const masked = (change: TailedChange): TailedChange => ({
  ...change,
  columns: change.columns.map(({ column, before, after }) => ({
    ...{ column, before: hidden(before), after: hidden(after) },
  })),
});

/** Enough of a value to know it by. */
const SHOWN = 60;

function show(out: Output, { at, op, snapshot, table, key, columns }: TailedChange): void {
  const colour = (style: 'red' | 'green' | 'dim', text: string) =>
    out.terminal ? styleText(style, text) : text;
  const value = (held: unknown) => {
    const text = printable(JSON.stringify(held));
    return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  };
  const parts = columns.map(({ column, before, after }) => {
    const sides = [
      ...(before === undefined ? [] : [colour('red', value(before))]),
      ...(after === undefined ? [] : [colour('green', value(after))]),
    ];
    return `${printable(column)}: ${sides.join(' -> ')}`;
  });
  out.line(
    `${colour('dim', at)} ${op}${snapshot ? ' (snapshot)' : ''} ${printable(`${table} ${JSON.stringify(key)}`)} ${parts.join(', ')}`.trimEnd(),
  );
}
