import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  discardDeadLetters,
  replayDeadLetters,
  replayNeeds,
  isReplayed,
  listDeadLetters,
  showDeadLetter,
  type DeadLetterSelection,
} from '@tributary/operations';
import { showList, showRecord, showReplay } from '../dead-letters/show';
import { count } from '../output/format';
import { Progress } from '../output/progress';
import { runCommand, type CommandContext } from '../run-command';
import { timeOption } from './time-option';

type Filter = DeadLetterSelection['filter'];

interface DlqOptions extends Filter {
  readonly limit: number;
  readonly wait: boolean;
  readonly patience: number;
  readonly json?: boolean;
}

type Context = CommandContext<DlqOptions>;

const ID = /^(0|[1-9]\d*):(0|[1-9]\d*)$/;

export function dlqCommands(program: Command): void {
  const group = program.command('dlq').description('dead letters: events that no target can take');
  const add = (name: string, description: string, limit: number, example: string) =>
    group
      .command(name)
      .description(description)
      .option('--reason <code>', 'only dead letters with this reason code, e.g. INVALID_ROW')
      .option('--table <database.table>', 'only dead letters of this table; * stands for any characters')
      .option('--stage <service>', 'only dead letters of this service, e.g. mongo-sink')
      .option('--since <time>', 'only dead letters from then on: 2h (ago), 2026-11-23T10:00:00Z', timeOption)
      .option('--until <time>', 'only dead letters from before then', timeOption)
      .addOption(
        new Option('--limit <n>', 'at most so many')
          .argParser(atLeastOne)
          .default(limit, limit === Infinity ? 'all' : String(limit)),
      )
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  add(
    'list',
    'list the dead letters that are neither replayed nor discarded, newest last',
    100,
    'tributary dlq list --reason INVALID_ROW --since 2h',
  ).action(runCommand({ kafka: true }, list));
  group
    .command('show')
    .description('show one dead letter with its headers, key and value')
    .argument('<partition:offset>', 'the dead letter, as dlq list names it', deadLetterId)
    .option('--json', 'print it as JSON; bytes that are no UTF-8 text as base64')
    .addHelpText('after', '\nExample:\n  tributary dlq show 3:42\n')
    .action(runCommand({ kafka: true }, show));
  add(
    'replay',
    'send dead letters through the pipeline again; versions keep newer states safe',
    Infinity,
    'tributary dlq replay --table github_data.users',
  )
    .argument('[partition:offset...]', 'these only', deadLetterIds)
    .option('--no-wait', 'do not wait for what becomes of them (asks for no target)')
    .option(
      '--patience <seconds>',
      'how long the services may stand still before they are not waited for',
      atLeastOne,
      20,
    )
    .addHelpText(
      'after',
      '\nExit code: 0 all were applied, or superseded by a newer state; 1 some were rejected again, could not be replayed, or are not worked off yet.\n',
    )
    .action(runCommand(replayNeeds, replay));
  add(
    'discard',
    'mark dead letters as done without replaying them',
    Infinity,
    'tributary dlq discard --reason CRC_MISMATCH',
  )
    .argument('[partition:offset...]', 'these only', deadLetterIds)
    .action(runCommand({ kafka: true }, discard));
}

function deadLetterId(text: string): string {
  if (!ID.test(text)) throw new InvalidArgumentError('It must look like 3:42 (partition:offset).');
  return text;
}

const deadLetterIds = (text: string, before: string[] = []): string[] => [...before, deadLetterId(text)];

function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

async function list({ operation, out, options }: Context): Promise<void> {
  const { total, newest } = await listDeadLetters(operation, { filter: options, limit: options.limit });
  if (options.json) out.json({ total, letters: newest });
  else showList(out, total, newest);
}

async function show({ operation, out, options, args }: Context): Promise<void> {
  const [id] = args as [string];
  const { headers, key, value } = await showDeadLetter(operation, id);
  if (options.json) out.json({ letter: id, headers, key, value });
  else showRecord(out, { headers, key, value });
}

async function replay({ operation, out, options, args }: Context): Promise<number> {
  const result = await withProgress(options, args, (selection) =>
    replayDeadLetters(operation, {
      ...selection,
      ...{ wait: options.wait, patienceMs: options.patience * 1000 },
    }),
  );
  if (options.json)
    out.json({
      ...{ replayed: result.replayed, events: result.events, rejectedAgain: result.rejectedAgain },
      ...{ settled: result.waitsFor === null, waitsFor: result.waitsFor },
      targets: Object.fromEntries(result.targets),
      notReplayable: result.notReplayable,
      notReplayableLetters: result.listed,
    });
  else showReplay(out, result);
  return isReplayed(result) ? 0 : 1;
}

async function discard({ operation, out, options, args }: Context): Promise<void> {
  const discarded = await withProgress(options, args, (selection) =>
    discardDeadLetters(operation, selection),
  );
  if (options.json) out.json({ discarded });
  else out.line(`discarded ${count(discarded)}`);
}

async function withProgress<T>(
  options: DlqOptions,
  args: Context['args'],
  work: (selection: DeadLetterSelection) => Promise<T>,
): Promise<T> {
  const progress = new Progress('dead letters');
  try {
    const result = await work({
      ...{ filter: options, limit: options.limit },
      ids: args[0] as readonly string[] | undefined,
      onProgress: (done, total) => progress.update('dead letters', done, total),
    });
    progress.finish('dead letters');
    return result;
  } finally {
    progress.stop();
  }
}
