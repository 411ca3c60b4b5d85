import { Option, type Command } from 'commander';
import {
  pauseNeeds,
  pauseTable,
  processUser,
  resumeCommand as commandThatResumes,
  resumeTable,
  type PauseState,
  type TargetName,
} from '@tributary/operations';
import { targetNames } from '@tributary/sync-config';
import { count, duration } from '../output/format';
import { runCommand, type CommandContext } from '../run-command';

interface ResumeOptions {
  readonly table: string;
  readonly target?: TargetName;
  readonly json?: boolean;
}

interface PauseOptions extends ResumeOptions {
  readonly reason?: string;
}

const table = ['--table <database.table>', 'the table; * stands for any characters'] as const;
const target = () => new Option('--target <target>', 'in this target only').choices(targetNames);

export function pauseCommand(program: Command): void {
  program
    .command('pause')
    .description('let the changes of a table wait, for all targets or for one; other tables go on')
    .requiredOption(...table)
    .addOption(target())
    .option('--reason <text>', 'why, for whoever finds it paused')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary pause --table shop.orders --reason "bad import"\n  tributary pause --table shop.orders --target redis\n',
    )
    .action(runCommand<PauseOptions>(pauseNeeds, pause));
}

export function resumeCommand(program: Command): void {
  program
    .command('resume')
    .description('end a pause: what waited comes in its order')
    .requiredOption(...table)
    .addOption(target())
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tributary resume --table shop.orders\n  tributary resume --table shop.orders --target redis\n',
    )
    .action(runCommand<ResumeOptions>({ mysql: true, kafka: true }, resume));
}

async function pause({ operation, out, options }: CommandContext<PauseOptions>): Promise<void> {
  const { paused, before } = await pauseTable(operation, { ...options, by: processUser() });
  if (options.json) return out.json({ paused, before });
  for (const state of paused) {
    out.line(pausedText(state));
    if (before.includes(state.table)) out.note(`${state.table} was paused before, and stays so.`);
  }
}

async function resume({ operation, out, options }: CommandContext<ResumeOptions>): Promise<void> {
  const { resumed } = await resumeTable(operation, options);
  if (options.json) return out.json({ resumed });
  for (const state of resumed) out.line(resumedText(state));
}

/** What a pause is, and what it costs. */
export function pausedText(state: PauseState): string {
  const { table: name, target: where, by, reason, at } = state;
  return [
    `${name} is paused${where === null ? '' : ` in ${where}`} by ${by} since ${at}${reason === '' ? '' : ` (${reason})`}:`,
    costText(state),
    `End it with: ${commandThatResumes({ table: name, ...(where !== null && { target: where }) })}`,
  ].join(' ');
}

function costText({ target: where, waiting, hoursLeft }: PauseState): string {
  if (waiting)
    return `${count(waiting.entries)} changes of ${count(waiting.bytes)} bytes wait in the capture schema${waiting.entries === 0 ? '' : ` since ${waiting.since}`}.`;
  if (where === null) return 'its changes wait in the capture schema.';
  if (hoursLeft === null) return 'Kafka keeps what its sink leaves out without end.';
  return hoursLeft === 0
    ? 'Kafka has dropped the first of what its sink leaves out: resuming loads the table.'
    : `Kafka keeps what its sink leaves out for another ${duration(hoursLeft * 3600)}; after that, resuming loads the table.`;
}

function resumedText({ table: name, target: where, waiting }: PauseState): string {
  const rest = 'tributary status and tributary trace show how far it is.';
  return where === null
    ? `${name} goes on: ${count(waiting?.entries ?? null)} changes that waited are published first; ${rest}`
    : `${name} goes on in ${where}: its sink reads again what it has left out; ${rest}`;
}
