import { InvalidArgumentError, Option, type Command } from 'commander';
import { list, show } from '../dlq/look';
import { discard, replay, replayNeeds } from '../dlq/settle';
import { timeOption } from '../dlq/time-option';
import { runCommand } from '../run-command';

const LETTER_ID = /^(0|[1-9]\d*):(0|[1-9]\d*)$/;

export function dlqCommands(program: Command): void {
  const group = program.command('dlq').description('dead letters: events that no target can take');
  const add = (name: string, description: string, limit: number, example: string) =>
    group
      .command(name)
      .description(description)
      .option('--reason <code>', 'only letters with this reason code, e.g. INVALID_ROW')
      .option('--table <database.table>', 'only letters of this table; * stands for any characters')
      .option('--stage <service>', 'only letters of this service, e.g. mongo-sink')
      .option('--since <time>', 'only letters from then on: 2h (ago), 2026-11-23T10:00:00Z', timeOption)
      .option('--until <time>', 'only letters from before then', timeOption)
      .addOption(
        new Option('--limit <n>', 'at most so many')
          .argParser(atLeastOne)
          .default(limit, limit === Infinity ? 'all' : String(limit)),
      )
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  add(
    'list',
    'list the letters that are neither replayed nor discarded, newest last',
    100,
    'tributary dlq list --reason INVALID_ROW --since 2h',
  ).action(runCommand({ kafka: true }, list));
  group
    .command('show')
    .description('show one letter with its headers, key and value')
    .argument('<partition:offset>', 'the letter, as dlq list names it', letterId)
    .option('--json', 'print it as JSON; bytes that are no UTF-8 text as base64')
    .addHelpText('after', '\nExample:\n  tributary dlq show 3:42\n')
    .action(runCommand({ kafka: true }, show));
  add(
    'replay',
    'send letters through the pipeline again; versions keep newer states safe',
    Infinity,
    'tributary dlq replay --table github_data.users',
  )
    .argument('[partition:offset...]', 'these letters only', letterIds)
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
    'mark letters as done without replaying them',
    Infinity,
    'tributary dlq discard --reason CRC_MISMATCH',
  )
    .argument('[partition:offset...]', 'these letters only', letterIds)
    .action(runCommand({ kafka: true }, discard));
}

function letterId(text: string): string {
  if (!LETTER_ID.test(text)) throw new InvalidArgumentError('It must look like 3:42 (partition:offset).');
  return text;
}

const letterIds = (text: string, before: string[] = []): string[] => [...before, letterId(text)];

function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
