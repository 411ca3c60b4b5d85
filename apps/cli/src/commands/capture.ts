import type { Command } from 'commander';
import {
  captureLines,
  hasDrift,
  install,
  installNeeds,
  leftOut,
  repairCapture,
  uninstall,
  type CaptureLine,
  type CaptureRepair,
} from '@tributary/operations';
import { runCommand, type CommandContext } from '../run-command';
import { showReadingPlan } from './capture-plan';

interface CaptureOptions {
  readonly table?: string;
  readonly json?: boolean;
  readonly all?: boolean;
}

type Context = CommandContext<CaptureOptions>;

/** The exit code that says "it is not as it should be", as `verify` has it. */
const DRIFT = 2;

export function captureCommands(program: Command): void {
  const group = program.command('capture').description('triggers and change log on the source');
  const add = (name: string, description: string, example: string) =>
    group
      .command(name)
      .description(description)
      .option('--table <database.table>', 'this table only; * stands for any characters')
      .option('--json', 'print the result as JSON')
      .addHelpText('after', `\nExample:\n  ${example}\n`);
  add(
    'install',
    'install capture for every table of the sync file; a second run changes nothing',
    'tributary capture install',
  ).action(runCommand(installNeeds, printInstallation));
  add(
    'status',
    `show drift between tables and triggers; exit ${DRIFT} when there is any`,
    'tributary capture status --json',
  ).action(runCommand({ mysql: true }, printStatus));
  add(
    'plan',
    'show how the rows of each table are read: SELECT, key, schema; asks information_schema only',
    'tributary capture plan --table github_data.users --json',
  ).action(runCommand({ mysql: true }, showReadingPlan));
  add(
    'repair',
    'replace the triggers of the tables that have drifted',
    'tributary capture repair --table github_data.users',
  ).action(runCommand({ mysql: true }, printRepair));
  add(
    'uninstall',
    'remove our triggers; the tables and their rows stay',
    'tributary capture uninstall --table github_data.users',
  )
    .option('--all', 'drop the capture schema as well, with the changes that are still in it')
    .action(runCommand({ mysql: true }, printRemoval));
}

async function printInstallation({ operation, out, options }: Context): Promise<void> {
  const { tables, definer, notes, suspended, skipped } = await install(operation, options);
  if (options.json) out.json({ definer, notes, tables, suspended, skipped });
  else showOutcomes(out, tables);
  for (const note of [...notes, ...leftOut(suspended, skipped)]) out.note(note);
}

async function printStatus({ operation, out, options }: Context): Promise<number> {
  const lines = await captureLines(operation, options);
  if (options.json) out.json(lines);
  else
    out.table<CaptureLine>(
      [
        { head: 'table', value: ({ table }) => table },
        { head: 'state', value: ({ state }) => state },
        { head: 'detail', value: ({ detail }) => detail || '-' },
      ],
      lines,
    );
  return hasDrift(lines) ? DRIFT : 0;
}

async function printRepair({ operation, out, options }: Context): Promise<void> {
  const { tables, missed } = await repairCapture(operation, options);
  if (options.json) out.json({ tables });
  else if (tables.length === 0) out.line('Nothing to repair: triggers and tables agree.');
  else showOutcomes(out, tables);
  for (const table of missed)
    out.note(
      `Changes of ${table} may have been missed meanwhile: run tributary snapshot start --table ${table}, or tributary verify --table ${table} --repair.`,
    );
}

async function printRemoval({ operation, out, options }: Context): Promise<void> {
  const { dropped, schemaDropped } = await uninstall(operation, options);
  if (options.json) return out.json({ dropped, schemaDropped });
  for (const trigger of dropped) out.line(`dropped ${trigger}`);
  if (dropped.length === 0) out.line('No trigger of ours was there.');
  if (schemaDropped) out.line(`dropped the capture schema ${operation.servers.config.captureSchema}`);
}

type Outcomes = CaptureRepair['tables'];

function showOutcomes(out: Context['out'], outcomes: Outcomes): void {
  out.table<Outcomes[number]>(
    [
      { head: 'table', value: ({ table }) => table },
      { head: 'triggers', value: ({ action }) => action },
    ],
    outcomes,
  );
}
